#include "stats/rater_agreement.h"

#include "base/check.h"  // LMC_CHECK

namespace lmc::stats {

std::optional<double> cohen_kappa(const RatedPairs& pairs, int categories, Weights weights) {
  const auto size = static_cast<size_t>(categories);
  std::vector<double> first(size);
  std::vector<double> second(size);
  const auto weight = [&](int a, int b) {
    if (weights == Weights::kNone) return a == b ? 0.0 : 1.0;
    return static_cast<double>((a - b) * (a - b));
  };
  double observed = 0;
  for (const auto& [a, b] : pairs) {
    LMC_CHECK(a >= 0 && a < categories && b >= 0 && b < categories, a, ", ", b);
    observed += weight(a, b);
    ++first[static_cast<size_t>(a)];
    ++second[static_cast<size_t>(b)];
  }
  double expected = 0;
  for (int a = 0; a < categories; ++a) {
    for (int b = 0; b < categories; ++b) {
      expected += weight(a, b) * first[static_cast<size_t>(a)] * second[static_cast<size_t>(b)];
    }
  }
  if (expected == 0) return std::nullopt;
  return 1 - observed * static_cast<double>(pairs.size()) / expected;
}

std::optional<double> share_of_agreement(const RatedPairs& pairs) {
  if (pairs.empty()) return std::nullopt;
  double same = 0;
  for (const auto& [a, b] : pairs) same += a == b ? 1 : 0;
  return same / static_cast<double>(pairs.size());
}

std::optional<double> fleiss_kappa(const std::vector<std::vector<int64_t>>& counts) {
  if (counts.empty()) return std::nullopt;
  const size_t categories = counts[0].size();
  int64_t raters = 0;
  for (const int64_t count : counts[0]) raters += count;
  LMC_CHECK(raters >= 2, raters, " raters");
  std::vector<int64_t> totals(categories);
  int64_t agreeing = 0;  // ordered pairs of raters that agree
  for (const std::vector<int64_t>& thing : counts) {
    LMC_CHECK(thing.size() == categories, thing.size(), " categories");
    int64_t sum = 0;
    for (size_t k = 0; k < categories; ++k) {
      agreeing += thing[k] * (thing[k] - 1);
      totals[k] += thing[k];
      sum += thing[k];
    }
    LMC_CHECK(sum == raters, sum, " raters, expected ", raters);
  }
  const auto things = static_cast<double>(counts.size());
  const auto n = static_cast<double>(raters);
  double chance = 0;
  for (const int64_t total : totals) {
    if (total == static_cast<int64_t>(counts.size()) * raters) return std::nullopt;
    const double share = static_cast<double>(total) / (things * n);
    chance += share * share;
  }
  const double observed = static_cast<double>(agreeing) / (things * n * (n - 1));
  return (observed - chance) / (1 - chance);
}

}  // namespace lmc::stats
