#include "eval/prediction_set.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"  // LMC_CHECK

namespace lmc::eval {

record::PredictionSetRule fit_prediction_sets(std::span<const OptionScores> questions,
                                              double coverage) {
  LMC_CHECK(coverage > 0 && coverage < 1, coverage);
  std::vector<double> of_gold;
  for (const OptionScores& question : questions) {
    of_gold.push_back(option_probabilities(question.log_probability)[question.gold]);
  }
  std::sort(of_gold.begin(), of_gold.end());
  // (n + 1) (1 - coverage) is often whole, and must not fall below it by a rounding.
  constexpr double kRounding = 1e-9;
  const double rank =
      std::floor(static_cast<double>(of_gold.size() + 1) * (1 - coverage) + kRounding);
  record::PredictionSetRule rule{coverage, 0, static_cast<int64_t>(of_gold.size())};
  if (rank >= 1) rule.threshold = of_gold[static_cast<size_t>(rank) - 1];
  return rule;
}

std::vector<size_t> prediction_set(const record::PredictionSetRule& rule,
                                   std::span<const double> log_probability) {
  const std::vector<double> probability = option_probabilities(log_probability);
  std::vector<size_t> order(probability.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return probability[a] > probability[b]; });
  size_t count = 1;
  while (count < order.size() && probability[order[count]] >= rule.threshold) ++count;
  order.resize(std::min(count, order.size()));
  return order;
}

record::PredictionSetRow measure_prediction_sets(const record::PredictionSetRule& rule,
                                                 std::span<const OptionScores> questions) {
  record::PredictionSetRow row;
  row.rule = rule;
  int64_t covered = 0;
  int64_t options = 0;
  for (const OptionScores& question : questions) {
    const std::vector<size_t> set = prediction_set(rule, question.log_probability);
    covered += std::find(set.begin(), set.end(), question.gold) != set.end() ? 1 : 0;
    options += static_cast<int64_t>(set.size());
    row.by_size.resize(std::max(row.by_size.size(), set.size()));
    ++row.by_size[set.size() - 1];
  }
  const auto total = static_cast<int64_t>(questions.size());
  row.covered = record::proportion_of(covered, total);
  if (total > 0) row.mean_size = static_cast<double>(options) / static_cast<double>(total);
  return row;
}

}  // namespace lmc::eval
