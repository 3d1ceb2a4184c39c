// The two ends of a UTF-8 text: what may stand before and behind it, and where it may be cut.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lmc {

// Without the byte order mark (U+FEFF) that Windows programs put before a text.
std::string_view without_byte_order_mark(std::string_view text);

// Editors end a file with a line break that belongs to no prompt and no key.
std::string without_last_break(std::string text);

// As many whole characters of its beginning as `most_bytes` hold.
std::string_view whole_characters(std::string_view text, size_t most_bytes);

}  // namespace lmc
