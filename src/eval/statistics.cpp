#include "eval/statistics.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"  // LMC_CHECK

namespace lmc::eval {

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

double mcnemar_exact(int64_t only_first, int64_t only_second) {
  LMC_CHECK(only_first >= 0 && only_second >= 0, only_first, " and ", only_second);
  const auto n = static_cast<double>(only_first + only_second);
  const int64_t fewer = std::min(only_first, only_second);
  const auto k = static_cast<double>(fewer);
  // Sums C(n, i) / 2^n from i = fewer down to 0, relative to the first term, which is the largest.
  double term = 1;
  double sum = 0;
  for (int64_t i = fewer; i >= 0 && term > 1e-18 * sum; --i) {
    sum += term;
    term *= static_cast<double>(i) / (n - static_cast<double>(i) + 1);
  }
  const double log_first = std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) -
                           n * 0.693147180559945309417;  // ln 2
  return std::min(1.0, 2 * std::exp(log_first + std::log(sum)));
}

}  // namespace lmc::eval
