#include "eval/prediction_set.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"               // LMC_CHECK
#include "stats/beta_distribution.h"  // beta_quantile

namespace lmc::eval {

namespace {

// Of the threshold among the gold options' probabilities, from 1; 0: there is none.
int64_t rank_of(int64_t num_items, double coverage) {
  // (n + 1) (1 - coverage) is often whole, and must not fall below it by a rounding.
  constexpr double kRounding = 1e-9;
  return static_cast<int64_t>(static_cast<double>(num_items + 1) * (1 - coverage) + kRounding);
}

}  // namespace

record::PredictionSetRule fit_prediction_sets(std::span<const OptionScores> questions,
                                              double coverage) {
  LMC_CHECK(coverage > 0 && coverage < 1, coverage);
  std::vector<double> of_gold;
  for (const OptionScores& question : questions) {
    of_gold.push_back(option_probabilities(question.log_probability)[question.gold]);
  }
  std::sort(of_gold.begin(), of_gold.end());
  record::PredictionSetRule rule{coverage, 0, static_cast<int64_t>(of_gold.size())};
  const int64_t rank = rank_of(rule.num_items, coverage);
  if (rank >= 1) rule.threshold = of_gold[static_cast<size_t>(rank) - 1];
  return rule;
}

std::array<double, 2> coverage_of_rules(const record::PredictionSetRule& rule) {
  const int64_t rank = rank_of(rule.num_items, rule.coverage);
  if (rank == 0) return {1, 1};
  const auto above = static_cast<double>(rule.num_items + 1 - rank);
  const auto below = static_cast<double>(rank);
  return {stats::beta_quantile(0.025, above, below), stats::beta_quantile(0.975, above, below)};
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
