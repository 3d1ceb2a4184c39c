#include "eval/score.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"  // InputError, LMC_CHECK
#include "base/json.h"   // read_json
#include "eval/breakdown.h"
#include "eval/image_group_of_answer.h"
#include "eval/letter_skill.h"
#include "eval/rescore.h"
#include "eval/run_confidence.h"
#include "eval/seed_arms.h"
#include "record/run_files.h"  // result_path
#include "stats/cluster_bootstrap.h"
#include "stats/equivalence.h"
#include "stats/holm.h"
#include "stats/mcnemar.h"

namespace lmc::eval {

namespace {

using record::is_right;

constexpr double kEquivalenceMargin = 0.02;
constexpr double kUsualDiscordance = 0.2;  // share of questions that only one of two runs answers

std::optional<std::array<double, 2>> interval_over(
    std::span<const stats::ImageGroupSum> image_groups) {
  const auto summary = stats::cluster_bootstrap(image_groups, {});
  if (!summary) return std::nullopt;
  return summary->interval();
}

void describe_metrics(std::span<const record::Answer> answers, record::Result& result) {
  std::vector<int> values;
  std::vector<std::string> image_groups;
  for (const record::Answer& answer : answers) {
    values.push_back(is_right(answer) ? 1 : 0);
    image_groups.push_back(image_group_of_answer(answer));
  }
  const std::vector<stats::ImageGroupSum> sums = stats::sum_by_image_group(values, image_groups);
  result.image_group_interval_95 = interval_over(sums);
  result.image_groups = static_cast<int64_t>(sums.size());
}

void add(record::Proportion& share, bool right) {
  ++share.total;
  if (right) ++share.correct;
}

void finish(record::Proportion& share) {
  share = record::proportion_of(share.correct, share.total);
}

}  // namespace

record::Result score(std::span<const record::Answer> answers,
                     std::span<const record::Question> questions,
                     const std::optional<record::Calibration>& calibration) {
  LMC_CHECK(answers.size() == questions.size(), answers.size(), " answers to ", questions.size(),
            " questions");
  record::Result result;
  std::map<char, record::Proportion> by_gold;
  int64_t tokens = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    const record::Answer& answer = answers[i];
    LMC_CHECK(answer.question_id == questions[i].id, answer.question_id, " and ", questions[i].id);
    const bool right = is_right(answer);
    add(result.overall, right);
    add(result.by_split[questions[i].split], right);
    add(result.by_source[questions[i].source], right);
    add(by_gold[questions[i].answer], right);
    ++result.gold_letters[questions[i].answer];
    if (!answer.error.empty()) {
      ++result.errors;
    } else if (answer.letter.empty()) {
      ++result.no_answer;
    } else {
      ++result.predicted_letters[answer.letter[0]];
    }
    if (answer.finish == "length") ++result.truncated;
    tokens += answer.reply_tokens;
  }
  finish(result.overall);
  for (auto& [name, share] : result.by_split) finish(share);
  for (auto& [name, share] : result.by_source) finish(share);
  const LetterSkill letters = letter_skill(by_gold);
  result.letter_balanced_accuracy = letters.balanced_accuracy;
  result.best_letter_accuracy = letters.prior;
  result.skill_above_letters = letters.above_prior;
  if (!answers.empty()) {
    result.mean_reply_tokens = static_cast<double>(tokens) / static_cast<double>(answers.size());
  }
  result.breakdowns = breakdowns(answers, questions);
  describe_metrics(answers, result);
  result.smallest_significant_gap =
      stats::smallest_significant_gap(result.overall.total, kUsualDiscordance, 0.05);
  result.confidence = run_confidence(answers, calibration);
  result.extractors = compare_extractors(answers, questions);
  return result;
}

record::PairComparison compare(std::span<const record::Answer> first,
                               std::span<const record::Answer> second) {
  std::unordered_map<std::string, const record::Answer*> by_id;
  for (const record::Answer& answer : first) by_id[answer.question_id] = &answer;
  record::PairComparison pair;
  std::vector<int> differences;
  std::vector<std::string> image_groups;
  for (const record::Answer& answer : second) {
    const auto found = by_id.find(answer.question_id);
    if (found == by_id.end()) continue;
    if (found->second->gold != answer.gold) {
      throw InputError(answer.question_id,
                       cat("its gold letter is ", found->second->gold, " in one run and ",
                           answer.gold, " in the other"),
                       "the runs answer different questions of the same id");
    }
    const bool first_right = is_right(*found->second);
    const bool second_right = is_right(answer);
    differences.push_back((first_right ? 1 : 0) - (second_right ? 1 : 0));
    image_groups.push_back(image_group_of_answer(answer));
    if (first_right && second_right) {
      ++pair.both_right;
    } else if (first_right) {
      ++pair.only_first_right;
    } else if (second_right) {
      ++pair.only_second_right;
    } else {
      ++pair.both_wrong;
    }
  }
  const stats::PairedCounts counts{pair.only_first_right, pair.only_second_right, pair.total()};
  pair.p_value = stats::mcnemar_exact(counts.only_first, counts.only_second);
  pair.mid_p = stats::mcnemar_mid_p(counts.only_first, counts.only_second);
  pair.holm_p = pair.p_value;
  if (counts.total > 0) {
    pair.difference = static_cast<double>(counts.only_first - counts.only_second) /
                      static_cast<double>(counts.total);
  }
  pair.equivalence_p = stats::equivalence_p(counts, kEquivalenceMargin);
  pair.difference_interval_95 = interval_over(stats::sum_by_image_group(differences, image_groups));
  return pair;
}

namespace {

// Runs of the same name are told apart by their folders.
void make_names_distinct(std::vector<record::Result>& runs,
                         const std::vector<std::string>& folders) {
  std::map<std::string, int> uses;
  for (const record::Result& run : runs) ++uses[run.name];
  for (size_t i = 0; i < runs.size(); ++i) {
    if (uses[runs[i].name] > 1) runs[i].name = folders[i];
  }
}

}  // namespace

record::Comparison compare_runs(const std::vector<std::string>& folders, const ArmOptions& arms) {
  record::Comparison comparison;
  std::vector<std::vector<record::Answer>> answers;
  for (const std::string& folder : folders) {
    const std::string path = record::result_path(folder);
    comparison.runs.push_back(record::result_from_json(read_json(path), path));
    answers.push_back(record::read_answers(record::answers_path(folder)));
  }
  make_names_distinct(comparison.runs, folders);
  for (size_t i = 0; i < folders.size(); ++i) {
    for (size_t j = i + 1; j < folders.size(); ++j) {
      record::PairComparison pair = compare(answers[i], answers[j]);
      if (pair.total() == 0) continue;
      pair.first = comparison.runs[i].name;
      pair.second = comparison.runs[j].name;
      comparison.pairs.push_back(std::move(pair));
    }
  }
  std::vector<double> p_values;
  for (const record::PairComparison& pair : comparison.pairs) p_values.push_back(pair.p_value);
  const std::vector<double> adjusted = stats::holm_adjusted(p_values);
  for (size_t i = 0; i < adjusted.size(); ++i) comparison.pairs[i].holm_p = adjusted[i];
  std::vector<std::string> names;
  for (const record::Result& run : comparison.runs) names.push_back(run.name);
  add_seed_arms(find_arms(arms, folders, names), answers, comparison);
  return comparison;
}

}  // namespace lmc::eval
