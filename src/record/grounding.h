// result.json of a grounding run: does the model look at the image, where, and does its answer
// follow its reasoning. "kind": "grounding" tells it from an evaluation's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"          // Json
#include "record/proportion.h"  // Proportion

namespace lmc::record {

// The answers under one condition, beside those to the real images.
struct ConditionRow {
  std::string condition;
  int64_t variant = 0;
  Proportion accuracy;    // of the questions that could be put; no answer counts as wrong
  int64_t no_answer = 0;  // replies that name no option
  int64_t errors = 0;     // questions that could not be put, left out of everything
  // Of the questions put under this condition and with the real image:
  Proportion flipped;                // `correct` of them got another answer than with the real one
  int64_t right_to_wrong = 0;        // of those
  int64_t wrong_to_right = 0;        //
  int64_t both_unread = 0;           // neither reply has a letter; these count as not flipped
  std::optional<double> mean_shift;  // of the options' probabilities, as total variation, 0 to 1
};

// A metric with the formula it comes from: names such as VRS are used for different things.
struct GroundingMetric {
  std::string name;
  std::string formula;
  std::string source;           // where it is defined
  std::optional<double> value;  // absent: not defined for these answers
  std::optional<std::array<double, 2>> interval_95;
  int64_t items = 0;               // questions, or pairs of question and shuffle
  std::vector<double> by_variant;  // of each shuffle; empty: there is one only
};

struct GroundingResult {
  std::string name;
  std::string reply;                // "answer": letters compared; "reasoning": replies read
  int64_t questions = 0;            // with the real image
  double best_letter_accuracy = 0;  // always giving the commonest gold letter
  std::vector<ConditionRow> conditions;
  std::vector<GroundingMetric> metrics;           // of the conditions
  std::vector<GroundingMetric> map_metrics;       // of occlusion maps; empty: none were made
  std::vector<GroundingMetric> faithfulness;      // of changed reasoning; empty: not asked for
  std::vector<GroundingMetric> sentence_metrics;  // of sentences; empty: not asked for
};

Json to_json(const GroundingResult& result);
GroundingResult grounding_result_from_json(const Json& json, std::string_view where);

// Whether a result.json is one of these.
bool is_grounding_result(const Json& json);

}  // namespace lmc::record
