// A 64-bit hash that stays nearly the same when an image is scaled, recompressed or brightened.
//
// Source: the DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash
//         Functions" (2010), as in the library pHash, without its smoothing filter.
// How: gray (0.299 R + 0.587 G + 0.114 B); the mean of each cell of a 32 x 32 grid over the whole
//      image, pixels on a border counted by their share; the cosine transform (DCT-II) of the
//      grid; its coefficients 1 to 8 in both directions, row by row, are the bits from the highest
//      to the lowest: 1 where the coefficient is above the median of the 64.
// Threads: pure functions.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

#include "image/image.h"  // Image

namespace lmc::image {

// A side below this says too little: such images have no hash.
inline constexpr int64_t kMinHashedSidePx = 32;
// Nor have images whose grid's standard deviation, in gray levels of 255, is below this: their
// bits would be those of noise.
inline constexpr double kMinHashedContrast = 2;

std::optional<uint64_t> perceptual_hash(const Image& image);

// Bits that differ: 32 on average between unrelated images, a few between copies.
inline int hash_distance(uint64_t a, uint64_t b) { return std::popcount(a ^ b); }

}  // namespace lmc::image
