#include "stats/clopper_pearson.h"

#include "base/check.h"               // LMC_CHECK
#include "stats/beta_distribution.h"  // beta_quantile

namespace lmc::stats {

namespace {

// The share at which `count` or fewer of `total` have the probability `chance`.
double upper_limit(int64_t count, int64_t total, double chance) {
  LMC_CHECK(count >= 0 && count <= total, count, " of ", total);
  LMC_CHECK(chance > 0 && chance < 1, chance);
  if (count == total) return 1;
  // Of the mirrored distribution: its quantile of a small share keeps its digits.
  return 1 -
         beta_quantile(chance, static_cast<double>(total - count), static_cast<double>(count) + 1);
}

double lower_limit(int64_t count, int64_t total, double chance) {
  if (count == 0) return 0;
  return beta_quantile(chance, static_cast<double>(count), static_cast<double>(total - count) + 1);
}

}  // namespace

std::array<double, 2> clopper_pearson_interval(int64_t count, int64_t total, double level) {
  const double chance = (1 - level) / 2;
  const double upper = upper_limit(count, total, chance);
  return {lower_limit(count, total, chance), upper};
}

double clopper_pearson_upper(int64_t count, int64_t total, double level) {
  return upper_limit(count, total, 1 - level);
}

}  // namespace lmc::stats
