// The interval of a share.
#pragma once

#include <array>
#include <cstdint>

namespace lmc {

// The 95 % score interval of `correct` of `total`; with nothing counted at all, 0 to 1.
// Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209.
std::array<double, 2> wilson_interval_95(int64_t correct, int64_t total);

}  // namespace lmc
