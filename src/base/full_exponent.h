// NaN and infinity among numbers that are looked at by their bits: a number is one of them when all
// bits of its exponent are set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace lmc {

inline constexpr uint32_t kFloatExponent = 0x7F800000;

// Bits of the element at an index of memory that need not be aligned.
template <class Bits>
Bits bits_at(const std::byte* data, int64_t i) {
  Bits bits;
  std::memcpy(&bits, data + static_cast<size_t>(i) * sizeof(Bits), sizeof bits);
  return bits;
}

// Whether one of a block's elements has a full exponent. Of a fixed length and without a branch, so
// that the compiler makes vector instructions of it.
inline constexpr int64_t kExponentBlock = 4096;

template <class Bits>
bool block_has_full_exponent(const std::byte* data, Bits mask) {
  Bits any = 0;
  for (int64_t i = 0; i < kExponentBlock; ++i) {
    any |= static_cast<Bits>((bits_at<Bits>(data, i) & mask) == mask);
  }
  return any != 0;
}

// Index of the first element whose exponent, the bits of `mask`, is full.
template <class Bits>
std::optional<int64_t> first_full_exponent(const std::byte* data, int64_t count, Bits mask) {
  for (int64_t from = 0; from < count; from += kExponentBlock) {
    const int64_t end = std::min(count, from + kExponentBlock);
    const std::byte* block = data + static_cast<size_t>(from) * sizeof(Bits);
    if (end - from == kExponentBlock && !block_has_full_exponent(block, mask)) continue;
    for (int64_t i = from; i < end; ++i) {
      if ((bits_at<Bits>(data, i) & mask) == mask) return i;
    }
  }
  return std::nullopt;
}

}  // namespace lmc
