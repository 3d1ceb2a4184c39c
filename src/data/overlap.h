// What parts of data sets share: values that stand in two parts, and images that look alike.
//
// A part is a bit: with at most 64 parts, the parts that hold a value are one number.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/digest.h"

namespace lmc::data {

inline constexpr size_t kMaxParts = 64;
using PartMask = uint64_t;

// How many values the parts i and j have in common, at [i][j] with i < j.
using PartTable = std::array<std::array<int64_t, kMaxParts>, kMaxParts>;

struct Placed {
  Digest value;
  PartMask parts = 0;
};

// Counts each value that two parts hold once for these two. The list is sorted, and entries of one
// value are merged.
void count_shared(std::vector<Placed>& values, PartTable& table);

struct HashedImage {
  uint64_t hash = 0;  // image::perceptual_hash
  PartMask parts = 0;
  uint32_t index = 0;  // the caller's
};

// The pairs of images whose hashes differ in at most this many bits are near. Unrelated images
// differ in 32 on average, copies scaled or recompressed mostly in 0 to 4.
inline constexpr int kNearDistance = 4;

// Calls visit(a, b, distance) once for each near pair that does not lie in one and the same part.
// How: 64 bits are cut into 5 bands; hashes that differ in at most 4 bits agree in one band at
// least, so that only images with an equal band are compared.
void for_each_near_pair(
    const std::vector<HashedImage>& images,
    const std::function<void(const HashedImage&, const HashedImage&, int)>& visit);

}  // namespace lmc::data
