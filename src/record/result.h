// result.json of an evaluation, and of a comparison of several: the figures, as numbers.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

// A share of questions with its 95 % interval (Wilson).
struct Share {
  int64_t correct = 0;
  int64_t total = 0;
  double accuracy = 0;
  std::array<double, 2> interval_95{};
};

struct Result {
  std::string name;       // of the run, as reports show it
  std::string mode;       // "generate" or "likelihood"
  Share overall;          // a question without an answer, or that could not be put, counts as wrong
  int64_t no_answer = 0;  // replies that name no option
  int64_t truncated = 0;  // replies cut at the longest length
  int64_t errors = 0;     // questions that could not be put
  std::map<char, int64_t> gold_letters;
  std::map<char, int64_t> predicted_letters;
  std::map<std::string, Share> by_split;
  std::map<std::string, Share> by_source;
  double letter_balanced_accuracy = 0;  // mean over the gold letters
  double best_letter_accuracy = 0;      // of always giving the commonest gold letter
  double mean_reply_tokens = 0;
};

Json to_json(const Result& result);
Result result_from_json(const Json& json, std::string_view where);

// Two runs on the questions that both answered.
struct PairComparison {
  std::string first;
  std::string second;
  int64_t both_right = 0;
  int64_t only_first_right = 0;
  int64_t only_second_right = 0;
  int64_t both_wrong = 0;
  double p_value = 1;  // exact McNemar test, two-sided

  int64_t total() const { return both_right + only_first_right + only_second_right + both_wrong; }
};

struct Comparison {
  std::vector<Result> runs;
  std::vector<PairComparison> pairs;
};

// {"arms": [{"name", "correct", "total", "accuracy", "interval_95", ...}],
//  "pairs": [{"first", "second", ..., "mcnemar_p"}]}
Json to_json(const Comparison& comparison);

}  // namespace lmc::record
