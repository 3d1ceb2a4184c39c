// One figure measured with several random seeds.
#pragma once

#include <array>
#include <optional>
#include <span>

namespace lmc::eval {

struct SeedSummary {
  double mean = 0;
  // Of one seed nothing can be said on their spread, so these are absent.
  std::optional<double> standard_deviation;  // of the seeds, with n - 1
  // Of the mean, by Student's t with n - 1 degrees of freedom: it takes the seeds' values for
  // normally distributed, and says nothing on other questions.
  // Source: Student, Biometrika 6 (1908) 1.
  std::optional<std::array<double, 2>> interval;
};

// Nothing for no values.
std::optional<SeedSummary> summarise_seeds(std::span<const double> values, double level = 0.95);

}  // namespace lmc::eval
