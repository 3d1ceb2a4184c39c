// One metric measured with several random seeds.
#pragma once

#include <array>
#include <optional>
#include <span>

namespace lmc::stats {

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

// Of the difference of two means, first less second, each over seeds of its own: Student's t with
// Welch's degrees of freedom. A side with one value is taken for exact, as a model without training
// is; absent when both have one. Nothing varies in either: an interval without width.
// Source: Welch, Biometrika 34 (1947) 28.
std::optional<std::array<double, 2>> seed_difference_interval(std::span<const double> first,
                                                              std::span<const double> second,
                                                              double level = 0.95);

}  // namespace lmc::stats
