// Weights to small integers with a scale a group.
#pragma once

#include <cstdint>
#include <span>

namespace lmc::runtime {

// The integers of one group, -`limit` - 1 .. `limit` for 4 bits (limit 7) and -127 .. 127 for 8,
// and the scale that is stored, as bf16 bits. The scale is searched: of those near the one that
// the largest weight asks for, and the best one for each choice of integers (least squares), the
// one with the smallest squared error.
uint16_t quantise_group(std::span<const float> weights, int limit, std::span<int8_t> integers);

}  // namespace lmc::runtime
