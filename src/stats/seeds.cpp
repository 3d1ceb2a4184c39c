#include "stats/seeds.h"

#include <cmath>
#include <numeric>

#include "base/check.h"               // LMC_CHECK
#include "stats/beta_distribution.h"  // student_t_quantile

namespace lmc::stats {

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

std::optional<std::array<double, 2>> seed_difference_interval(std::span<const double> first,
                                                              std::span<const double> second,
                                                              double level) {
  const auto one = summarise_seeds(first, level);
  const auto other = summarise_seeds(second, level);
  if (!one || !other || (first.size() == 1 && second.size() == 1)) return std::nullopt;
  // The variance of each mean, and what it adds to the degrees of freedom of the sum.
  double variance = 0;
  double parts = 0;
  const auto add = [&](const SeedSummary& summary, size_t count) {
    if (!summary.standard_deviation) return;
    const auto n = static_cast<double>(count);
    const double of_mean = *summary.standard_deviation * *summary.standard_deviation / n;
    variance += of_mean;
    parts += of_mean * of_mean / (n - 1);
  };
  add(*one, first.size());
  add(*other, second.size());
  const double difference = one->mean - other->mean;
  if (variance == 0) return std::array<double, 2>{difference, difference};
  const double degrees = variance * variance / parts;
  const double half = -student_t_quantile((1 - level) / 2, degrees) * std::sqrt(variance);
  return std::array<double, 2>{difference - half, difference + half};
}

}  // namespace lmc::stats
