#include "eval/seeds.h"

#include <cmath>
#include <numeric>

#include "base/check.h"              // LMC_CHECK
#include "eval/beta_distribution.h"  // student_t_quantile

namespace lmc::eval {

std::optional<SeedSummary> summarise_seeds(std::span<const double> values, double level) {
  LMC_CHECK(level > 0 && level < 1, "level ", level);
  if (values.empty()) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  SeedSummary summary;
  summary.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() == 1) return summary;
  double squares = 0;
  for (const double value : values) squares += (value - summary.mean) * (value - summary.mean);
  const double deviation = std::sqrt(squares / (n - 1));
  const double half = -student_t_quantile((1 - level) / 2, n - 1) * deviation / std::sqrt(n);
  summary.standard_deviation = deviation;
  summary.interval = {summary.mean - half, summary.mean + half};
  return summary;
}

}  // namespace lmc::eval
