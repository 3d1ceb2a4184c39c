#include "data/overlap.h"

#include <algorithm>
#include <bit>

#include "image/perceptual_hash.h"  // hash_distance

namespace lmc::data {

namespace {

constexpr unsigned kNumBands = kNearDistance + 1;

// Bits 0..12, 13..25, 26..38, 39..51, 52..63.
uint64_t band_of(uint64_t hash, unsigned band) {
  constexpr unsigned kWidth = (64 + kNumBands - 1) / kNumBands;
  return hash >> (band * kWidth) & ((uint64_t{1} << kWidth) - 1);
}

// A pair is visited at the first band in which it agrees.
bool agreed_before(uint64_t a, uint64_t b, unsigned band) {
  for (unsigned earlier = 0; earlier < band; ++earlier) {
    if (band_of(a, earlier) == band_of(b, earlier)) return true;
  }
  return false;
}

}  // namespace

void count_shared(std::vector<Placed>& values, PartTable& table) {
  std::sort(values.begin(), values.end(),
            [](const Placed& a, const Placed& b) { return a.value < b.value; });
  size_t kept = 0;
  for (const Placed& one : values) {
    if (kept > 0 && values[kept - 1].value == one.value) {
      values[kept - 1].parts |= one.parts;
    } else {
      values[kept++] = one;
    }
  }
  values.resize(kept);
  for (const Placed& one : values) {
    for (PartMask rest = one.parts; rest != 0; rest &= rest - 1) {
      const auto first = static_cast<size_t>(std::countr_zero(rest));
      for (PartMask others = rest & (rest - 1); others != 0; others &= others - 1) {
        ++table[first][static_cast<size_t>(std::countr_zero(others))];
      }
    }
  }
}

void for_each_near_pair(
    const std::vector<HashedImage>& images,
    const std::function<void(const HashedImage&, const HashedImage&, int)>& visit) {
  std::vector<HashedImage> sorted = images;
  for (unsigned band = 0; band < kNumBands; ++band) {
    std::sort(sorted.begin(), sorted.end(), [&](const HashedImage& a, const HashedImage& b) {
      return band_of(a.hash, band) < band_of(b.hash, band);
    });
    for (size_t begin = 0; begin < sorted.size();) {
      const uint64_t key = band_of(sorted[begin].hash, band);
      size_t end = begin;
      while (end < sorted.size() && band_of(sorted[end].hash, band) == key) ++end;
      for (size_t i = begin; i < end; ++i) {
        for (size_t j = i + 1; j < end; ++j) {
          const int distance = image::hash_distance(sorted[i].hash, sorted[j].hash);
          if (distance > kNearDistance) continue;
          const PartMask both = sorted[i].parts | sorted[j].parts;
          if (std::has_single_bit(both)) continue;
          if (!agreed_before(sorted[i].hash, sorted[j].hash, band)) {
            visit(sorted[i], sorted[j], distance);
          }
        }
      }
      begin = end;
    }
  }
}

}  // namespace lmc::data
