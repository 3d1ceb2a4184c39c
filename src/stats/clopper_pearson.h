// Exact limits of a share: they hold their level for every true share, and are wider for it.
//
// Source: Clopper and Pearson, Biometrika 26 (1934) 404, through quantiles of the beta
// distribution.
#pragma once

#include <array>
#include <cstdint>

namespace lmc::stats {

// Two-sided at a level between 0 and 1; with nothing counted at all, 0 to 1.
std::array<double, 2> clopper_pearson_interval(int64_t count, int64_t total, double level);

// What the true share exceeds in at most a part 1 - level of all samples: one-sided.
double clopper_pearson_upper(int64_t count, int64_t total, double level);

}  // namespace lmc::stats
