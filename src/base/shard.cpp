#include "base/shard.h"

#include <charconv>

#include "base/check.h"  // InputError, cat

namespace lmc {

Shard shard_from_word(const std::string& word) {
  if (word.empty()) return {};
  Shard shard;
  const char* const end = word.data() + word.size();
  const auto [slash, first_error] = std::from_chars(word.data(), end, shard.index);
  const bool has_slash = first_error == std::errc() && slash != end && *slash == '/';
  const auto [last, second_error] = has_slash
                                        ? std::from_chars(slash + 1, end, shard.count)
                                        : std::from_chars_result{end, std::errc::invalid_argument};
  if (second_error != std::errc() || last != end || shard.index < 1 || shard.index > shard.count) {
    throw InputError("--shard", cat("expected such as 2/8, found \"", word, "\""),
                     "the part, from 1, and the number of parts");
  }
  return shard;
}

}  // namespace lmc
