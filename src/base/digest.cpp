#include "base/digest.h"

#include <charconv>

#include "base/sha256.h"  // sha256_hex

namespace lmc {

Digest digest_from_hex(std::string_view digits) {
  const auto number = [&](size_t begin) {
    uint64_t value = 0;
    if (digits.size() >= begin + 16) {
      std::from_chars(digits.data() + begin, digits.data() + begin + 16, value, 16);
    }
    return value;
  };
  return {number(0), number(16)};
}

Digest digest_of(std::string_view text) { return digest_from_hex(sha256_hex(text)); }

}  // namespace lmc
