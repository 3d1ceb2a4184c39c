// result.json of an evaluation, and of a comparison of several: the metrics, as numbers.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"          // Json
#include "record/confidence.h"  // Confidence
#include "record/proportion.h"  // Proportion

namespace lmc::record {

// What another extractor reads from the same replies. `graded_right` follows the published grader's
// own rule, which may differ from a comparison of letters.
struct ExtractorRow {
  std::string name;
  int64_t no_answer = 0;
  int64_t by_default = 0;  // answers that are a default or a guess by likeness
  Proportion graded_right;
};

struct Result {
  std::string name;       // of the run, as reports show it
  std::string mode;       // "generate" or "likelihood"
  Proportion overall;     // a question without an answer, or that could not be put, counts as wrong
  int64_t no_answer = 0;  // replies that name no option
  int64_t truncated = 0;  // replies cut at the longest length
  int64_t errors = 0;     // questions that could not be put
  std::map<char, int64_t> gold_letters;
  std::map<char, int64_t> predicted_letters;
  std::map<std::string, Proportion> by_split;
  std::map<std::string, Proportion> by_source;
  double letter_balanced_accuracy = 0;  // mean over the gold letters
  double best_letter_accuracy = 0;      // of always giving the commonest gold letter
  double mean_reply_tokens = 0;
  // "modality", "question type", "gold letter", "picture size", "reply length": group -> share.
  std::map<std::string, std::map<std::string, Proportion>> breakdowns;
  // (accuracy - best letter) / (1 - best letter); absent where one letter is always right.
  std::optional<double> skill_above_letters;
  // Of the accuracy, by a bootstrap over image groups; absent with fewer than two image groups.
  std::optional<std::array<double, 2>> image_group_interval_95;
  int64_t image_groups = 0;  // images or image groups that the questions share
  // The smallest difference to another run on these questions that an exact McNemar test would call
  // significant at 0.05, when a fifth of the questions are answered right by exactly one of the
  // two.
  std::optional<double> smallest_significant_gap;
  std::optional<Confidence> confidence;  // where the run kept the letters' log-probabilities
  std::string extractor = "ours";        // that the metrics above rest on
  std::vector<ExtractorRow> extractors;  // the same replies by every extractor
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
  double p_value = 1;     // exact McNemar test, two-sided
  double mid_p = 1;       // the same test, mid-p
  double holm_p = 1;      // p_value adjusted for all pairs of the comparison
  double difference = 0;  // accuracy of the first less that of the second
  // Of the difference, by a bootstrap over image groups; absent with fewer than two.
  std::optional<std::array<double, 2>> difference_interval_95;
  // p value of "they differ by two points or more" (two one-sided tests).
  std::optional<double> equivalence_p;

  int64_t total() const { return both_right + only_first_right + only_second_right + both_wrong; }
};

// Several runs of one arm, which differ in their seeds alone.
struct SeedArm {
  std::string name;
  std::vector<std::string> runs;             // their names, in the order of Comparison::runs
  std::vector<double> accuracies;            // of each run
  double mean = 0;                           // of these
  double standard_deviation = 0;             // of these, with n - 1
  std::array<double, 2> range{};             // the least and the greatest of these
  std::array<double, 2> seed_interval_95{};  // of the mean: other seeds, these questions
  // Of the mean: other questions, these seeds. By a bootstrap over image groups; absent with fewer
  // than two.
  std::optional<std::array<double, 2>> question_interval_95;
  int64_t questions = 0;
};

// Two arms on the questions that both answered. A run that is no seed of an arm is one by itself.
struct ArmComparison {
  std::string first;
  std::string second;
  int64_t questions = 0;
  double difference = 0;  // mean accuracy of the first less that of the second
  std::optional<std::array<double, 2>> seed_interval_95;
  std::optional<std::array<double, 2>>
      question_interval_95;  // absent with fewer than two image groups
};

struct Comparison {
  std::vector<Result> runs;
  std::vector<PairComparison> pairs;
  std::vector<SeedArm> seed_arms = {};
  std::vector<ArmComparison> arm_pairs = {};  // those with a seed arm in them
};

// {"arms": [{"name", "correct", "total", "accuracy", "interval_95", ...}],
//  "pairs": [{"first", "second", ..., "mcnemar_p"}],
//  "seed_arms": [{"name", "runs", "accuracies", "mean", ...}],
//  "arm_pairs": [{"first", "second", "difference", ...}]}; "arms" are the runs, one by one.
Json to_json(const Comparison& comparison);

}  // namespace lmc::record
