// Several tests at once: the more comparisons a report makes, the sooner one looks significant by
// chance.
#pragma once

#include <span>
#include <vector>

namespace lmc::stats {

// p values in the same order, adjusted so that rejecting those below alpha makes any false
// rejection at all at most as likely as alpha, however the tests depend on each other:
// the k-th smallest of m becomes the largest of (m - i + 1) * p_i over i <= k, at most 1.
// Source: Holm, Scand. J. Stat. 6 (1979) 65.
std::vector<double> holm_adjusted(std::span<const double> p_values);

}  // namespace lmc::stats
