// 128 bits of a SHA-256 as a number: what is kept of a text or file of which only equality counts.
// Two different ones among a million are equal with a chance of 1e-27.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string_view>

namespace lmc {

struct Digest {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Digest&) const = default;
};

Digest digest_of(std::string_view text);

// The first 32 hexadecimal digits; anything else counts as 0.
Digest digest_from_hex(std::string_view digits);

}  // namespace lmc

template <>
struct std::hash<lmc::Digest> {
  size_t operator()(const lmc::Digest& digest) const { return digest.low; }
};
