#include "base/wilson.h"

#include <cmath>

#include "base/check.h"  // LMC_CHECK

namespace lmc {

std::array<double, 2> wilson_interval_95(int64_t correct, int64_t total) {
  LMC_CHECK(correct >= 0 && correct <= total, correct, " of ", total);
  if (total == 0) return {0, 1};
  constexpr double kZ = 1.959963984540054;  // the normal distribution's 97.5 % quantile
  const auto n = static_cast<double>(total);
  const double share = static_cast<double>(correct) / n;
  const double middle = share + kZ * kZ / (2 * n);
  const double half = kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  // The ends are exact where rounding would leave a trace.
  return {correct == 0 ? 0 : (middle - half) / scale,
          correct == total ? 1 : (middle + half) / scale};
}

}  // namespace lmc
