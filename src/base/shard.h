// One part of a work that several hosts share.
#pragma once

#include <cstdint>
#include <string>

namespace lmc {

// Part `index` (from 1) of `count`.
struct Shard {
  int64_t index = 1;
  int64_t count = 1;
};

// "2/8"; empty: the whole.
// Errors: InputError.
Shard shard_from_word(const std::string& word);

}  // namespace lmc
