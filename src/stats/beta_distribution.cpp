#include "stats/beta_distribution.h"

#include <cmath>

#include "base/check.h"  // LMC_CHECK

namespace lmc::stats {

namespace {

// 1 / (1 + d1 / (1 + d2 / ...)), which converges within about sqrt(max(a, b)) terms where x is
// below the distribution's middle.
double continued_fraction(double x, double a, double b) {
  constexpr int kMaxTerms = 100'000;
  constexpr double kTiny = 1e-300;  // stands for a zero denominator
  const auto away_from_zero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double value = d;
  for (int m = 1; m < kMaxTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    value *= c * d;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    value *= c * d;
    if (std::abs(c * d - 1) < 1e-16) return value;
  }
  throw InternalError(cat("no convergence of beta_cdf(", x, ", ", a, ", ", b, ")"));
}

}  // namespace

double beta_cdf(double x, double a, double b) {
  LMC_CHECK(a > 0 && b > 0 && x >= 0 && x <= 1, x, ", ", a, ", ", b);
  if (x == 0 || x == 1) return x;
  if (x > (a + 1) / (a + b + 2)) return 1 - beta_cdf(1 - x, b, a);
  const double log_front = a * std::log(x) + b * std::log1p(-x) + std::lgamma(a + b) -
                           std::lgamma(a) - std::lgamma(b) - std::log(a);
  return std::exp(log_front) * continued_fraction(x, a, b);
}

double beta_quantile(double p, double a, double b) {
  LMC_CHECK(p >= 0 && p <= 1, p);
  if (p == 0 || p == 1) return p;
  double low = 0;
  double high = 1;
  for (;;) {
    const double middle = (low + high) / 2;
    if (middle == low || middle == high) return middle;
    (beta_cdf(middle, a, b) < p ? low : high) = middle;
  }
}

double student_t_quantile(double p, double degrees) {
  LMC_CHECK(p > 0 && p < 1 && degrees > 0, p, ", ", degrees);
  if (p > 0.5) return -student_t_quantile(1 - p, degrees);
  // Whichever of the share beyond and the share within is small is the one that keeps its digits.
  if (p < 0.25) {
    const double x = beta_quantile(2 * p, degrees / 2, 0.5);
    return -std::sqrt(degrees * (1 - x) / x);
  }
  const double x = beta_quantile(1 - 2 * p, 0.5, degrees / 2);
  return -std::sqrt(degrees * x / (1 - x));
}

}  // namespace lmc::stats
