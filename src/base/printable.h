// Foreign words as a terminal and a log may have them.
//
// A file, an endpoint or a name may hold what a terminal obeys (escape sequences), what turns a line
// around (bidirectional marks), line breaks, and megabytes of it.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lmc {

// Line breaks and tabs as blanks; other control characters, DEL, the marks and overrides of
// bidirectional text, line separators and bytes that are not UTF-8 as \xNN or \u{NNNN}.
std::string printable(std::string_view text);

// The same, of what stands between two double quotes at most `most_bytes`, with "..." and the
// number of bytes for the rest.
std::string printable_with_short_quotes(std::string_view text, size_t most_bytes);

}  // namespace lmc
