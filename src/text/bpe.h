// Byte-pair merging of one piece of text, lowest rank first, leftmost first among equals.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lmc::text {

struct BpeTables {
  struct Merge {
    int32_t rank = 0;
    int32_t merged_id = 0;
  };
  std::array<int32_t, 256> byte_ids{};         // the token of each single byte
  std::unordered_map<uint64_t, Merge> merges;  // (left id, right id) -> merge

  static uint64_t pair(int32_t left, int32_t right) {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
  }
};

// Appends the tokens of `bytes` to `ids`.
// Cost: n log n in its length.
void merge_bytes(const BpeTables& tables, std::string_view bytes, std::vector<int32_t>& ids);

}  // namespace lmc::text
