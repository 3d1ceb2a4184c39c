#include "stats/wilson.h"

#include <cmath>

#include "base/check.h"                 // LMC_CHECK
#include "stats/normal_distribution.h"  // normal_quantile

namespace lmc::stats {

std::array<double, 2> wilson_interval(int64_t correct, int64_t total, double level) {
  LMC_CHECK(correct >= 0 && correct <= total, correct, " of ", total);
  LMC_CHECK(level > 0 && level < 1, "level ", level);
  if (total == 0) return {0, 1};
  const double z = -normal_quantile((1 - level) / 2);
  const auto n = static_cast<double>(total);
  const double share = static_cast<double>(correct) / n;
  const double middle = share + z * z / (2 * n);
  const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  // The ends are exact where rounding would leave a trace.
  return {correct == 0 ? 0 : (middle - half) / scale,
          correct == total ? 1 : (middle + half) / scale};
}

std::array<double, 2> wilson_interval_95(int64_t correct, int64_t total) {
  return wilson_interval(correct, total, 0.95);
}

}  // namespace lmc::stats
