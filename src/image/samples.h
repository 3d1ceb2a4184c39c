// Samples as a file stores them, to 8-bit RGB over white.
#pragma once

#include <cstdint>
#include <vector>

namespace lmc::image {

// `samples`: of `channels` 1 (gray), 2 (gray, alpha), 3 (RGB) or 4 (RGB, alpha), of `depth` 8 or 16
// bits, these high byte first.
// 16-bit gray: (value - darkest) * 255 / (brightest - darkest), rounded, over the pixels that are
//   not wholly transparent; with one value alone, value * 255 / 65535.
// 16-bit RGB: the top eight of the bits that the largest visible sample needs; for a file that uses
//   all sixteen that is the high byte, as Pillow takes it.
// 16-bit alpha: its high byte.
// Memory: two bytes a pixel and channel at most, three a pixel for the result.
// Threads: pure.
std::vector<uint8_t> rgb_of_samples(std::vector<uint8_t> samples, int channels, int depth);

}  // namespace lmc::image
