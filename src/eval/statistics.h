// Intervals and tests for shares of right answers.
#pragma once

#include <cstdint>

#include "base/wilson.h"  // wilson_interval_95

namespace lmc::eval {

using lmc::wilson_interval_95;

// Probability, if both runs were equally good, of questions that only one of them answers right
// falling at least as unevenly as `only_first` to `only_second`: exact, two-sided.
// Source: McNemar, Psychometrika 12 (1947) 153, with the binomial distribution.
// Detail: terms come from lgamma, so the relative error grows with the count: below 1e-9 up to 1e5.
double mcnemar_exact(int64_t only_first, int64_t only_second);

}  // namespace lmc::eval
