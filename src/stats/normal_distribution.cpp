#include "stats/normal_distribution.h"

#include <cmath>
#include <numbers>

#include "base/check.h"  // LMC_CHECK

namespace lmc::stats {

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double normal_quantile(double p) {
  LMC_CHECK(p > 0 && p < 1, p);
  if (p > 0.5) return -normal_quantile(1 - p);  // 1 - p is exact here
  const double t = std::sqrt(-2 * std::log(p));
  double z = (2.515517 + t * (0.802853 + t * 0.010328)) /
                 (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
             t;
  for (int step = 0; step < 2; ++step) {
    const double density = std::exp(-z * z / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
    const double newton = (normal_cdf(z) - p) / density;
    z -= newton / (1 + z * newton / 2);
  }
  return z;
}

}  // namespace lmc::stats
