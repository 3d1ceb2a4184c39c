// Intervals and tests for shares of right answers.
#pragma once

#include <array>
#include <cstdint>

namespace lmc::eval {

// The 95 % score interval of `correct` of `total`; with no question at all, 0 to 1.
// Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209.
std::array<double, 2> wilson_interval_95(int64_t correct, int64_t total);

// Probability, if both runs were equally good, of questions that only one of them answers right
// falling at least as unevenly as `only_first` to `only_second`: exact, two-sided.
// Source: McNemar, Psychometrika 12 (1947) 153, with the binomial distribution.
// Detail: terms come from lgamma, so the relative error grows with the count: below 1e-9 up to 1e5.
double mcnemar_exact(int64_t only_first, int64_t only_second);

}  // namespace lmc::eval
