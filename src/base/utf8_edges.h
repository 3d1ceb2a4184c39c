// The two ends of a UTF-8 text: the mark that may stand before it, and where it may be cut.
#pragma once

#include <cstddef>
#include <string_view>

namespace lmc {

// Without the byte order mark (U+FEFF) that Windows programs put before a text.
std::string_view without_byte_order_mark(std::string_view text);

// As many whole characters of its beginning as `most_bytes` hold.
std::string_view whole_characters(std::string_view text, size_t most_bytes);

}  // namespace lmc
