#include "eval/seed_arms.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/check.h"  // InputError, cat
#include "eval/image_group_of_answer.h"
#include "stats/cluster_bootstrap.h"
#include "stats/seeds.h"

namespace lmc::eval {

namespace {

using record::Answer;

// An arm or a run alone: for each question, how many of the seeds are right.
struct Counts {
  std::string name;
  std::vector<double> accuracies;
  std::map<std::string, int> right;  // by question id
  std::unordered_map<std::string, std::string> image_groups;
  bool is_arm = false;
};

double accuracy_of(const std::vector<Answer>& answers) {
  const auto right = std::count_if(answers.begin(), answers.end(), record::is_right);
  return answers.empty() ? 0 : static_cast<double>(right) / static_cast<double>(answers.size());
}

Counts counts_of(const std::string& name, const std::vector<size_t>& runs,
                 std::span<const std::vector<Answer>> answers) {
  Counts counts{name, {}, {}, {}, runs.size() > 1};
  for (const size_t run : runs) {
    counts.accuracies.push_back(accuracy_of(answers[run]));
    size_t known = 0;
    for (const Answer& answer : answers[run]) {
      const auto [at, is_new] = counts.right.try_emplace(answer.question_id, 0);
      if (!is_new) ++known;
      at->second += record::is_right(answer) ? 1 : 0;
      if (is_new) counts.image_groups[answer.question_id] = image_group_of_answer(answer);
    }
    const bool is_first = run == runs.front();
    if (!is_first && (known != answers[run].size() || counts.right.size() != known)) {
      throw InputError(cat("the arm ", name), "its runs answered different questions",
                       "seeds of an arm are tested on the same ones");
    }
  }
  return counts;
}

// Of the mean of `values`, each a sum over `unit` seeds.
std::optional<std::array<double, 2>> interval_over(const std::vector<int>& values,
                                                   const std::vector<std::string>& image_groups,
                                                   double unit) {
  const auto summary =
      stats::cluster_bootstrap(stats::sum_by_image_group(values, image_groups), {});
  if (!summary) return std::nullopt;
  auto interval = summary->interval();
  for (double& end : interval) end /= unit;
  return interval;
}

record::SeedArm arm_of(const Counts& counts, const std::vector<std::string>& runs) {
  record::SeedArm arm{counts.name, runs, counts.accuracies, 0, 0, {}, {}, {}, 0};
  const stats::SeedSummary summary = *stats::summarise_seeds(counts.accuracies);
  arm.mean = summary.mean;
  arm.standard_deviation = *summary.standard_deviation;
  arm.seed_interval_95 = *summary.interval;
  const auto [least, most] =
      std::minmax_element(counts.accuracies.begin(), counts.accuracies.end());
  arm.range = {*least, *most};
  std::vector<int> values;
  std::vector<std::string> image_groups;
  for (const auto& [id, right] : counts.right) {
    values.push_back(right);
    image_groups.push_back(counts.image_groups.at(id));
  }
  arm.question_interval_95 =
      interval_over(values, image_groups, static_cast<double>(counts.accuracies.size()));
  arm.questions = static_cast<int64_t>(values.size());
  return arm;
}

// The means are over the common questions; the interval over seeds is there where these are all.
record::ArmComparison compare_arms(const Counts& first, const Counts& second) {
  const auto first_seeds = static_cast<int>(first.accuracies.size());
  const auto second_seeds = static_cast<int>(second.accuracies.size());
  const double unit = first_seeds * second_seeds;
  std::vector<int> values;
  std::vector<std::string> image_groups;
  double sum = 0;
  for (const auto& [id, right] : first.right) {
    const auto found = second.right.find(id);
    if (found == second.right.end()) continue;
    values.push_back(right * second_seeds - found->second * first_seeds);
    image_groups.push_back(first.image_groups.at(id));
    sum += values.back();
  }
  record::ArmComparison pair{first.name, second.name, static_cast<int64_t>(values.size()),
                             0,          {},          {}};
  if (values.empty()) return pair;
  pair.difference = sum / unit / static_cast<double>(values.size());
  pair.question_interval_95 = interval_over(values, image_groups, unit);
  if (values.size() == first.right.size() && values.size() == second.right.size()) {
    pair.seed_interval_95 = stats::seed_difference_interval(first.accuracies, second.accuracies);
  }
  return pair;
}

}  // namespace

void add_seed_arms(std::span<const ArmRuns> arms,
                   std::span<const std::vector<record::Answer>> answers,
                   record::Comparison& comparison) {
  if (arms.empty()) return;
  std::map<size_t, const ArmRuns*> arm_of_run;
  for (const ArmRuns& arm : arms) {
    for (const size_t run : arm.runs) arm_of_run[run] = &arm;
  }
  std::vector<Counts> all;  // in the order of their first runs
  for (size_t run = 0; run < comparison.runs.size(); ++run) {
    const auto found = arm_of_run.find(run);
    if (found == arm_of_run.end()) {
      all.push_back(counts_of(comparison.runs[run].name, {run}, answers));
    } else if (found->second->runs.front() == run) {
      all.push_back(counts_of(found->second->name, found->second->runs, answers));
      std::vector<std::string> names;
      for (const size_t one : found->second->runs) names.push_back(comparison.runs[one].name);
      comparison.seed_arms.push_back(arm_of(all.back(), names));
    }
  }
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = i + 1; j < all.size(); ++j) {
      if (!all[i].is_arm && !all[j].is_arm) continue;
      record::ArmComparison pair = compare_arms(all[i], all[j]);
      if (pair.questions > 0) comparison.arm_pairs.push_back(std::move(pair));
    }
  }
}

}  // namespace lmc::eval
