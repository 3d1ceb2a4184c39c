// The interval of a share.
#pragma once

#include <array>
#include <cstdint>

namespace lmc::stats {

// The score interval of `correct` of `total` at a level between 0 and 1, such as 0.95; with nothing
// counted at all, 0 to 1.
// Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209.
std::array<double, 2> wilson_interval(int64_t correct, int64_t total, double level);
std::array<double, 2> wilson_interval_95(int64_t correct, int64_t total);

}  // namespace lmc::stats
