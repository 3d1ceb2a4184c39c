#include "eval/statistics.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"  // LMC_CHECK

namespace lmc::eval {

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
