// Text as Python handles it, for graders that were published in Python.
//
// Mirrors: CPython 3.11 (Unicode 14), str.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace lmc::eval {

// str.lower(). Deviation: whether a sigma ends its word is told from its two neighbours alone.
std::u32string lower_case(std::u32string_view text);

// str.isspace(), which is also what \s means in `re`.
bool is_python_space(char32_t c);

// str.strip()
std::u32string_view strip(std::u32string_view text);

// text.split(separator)[0] and [-1]
std::u32string_view before_first(std::u32string_view text, std::u32string_view separator);
std::u32string_view after_last(std::u32string_view text, std::u32string_view separator);

// text.replace(piece, "")
std::u32string without(std::u32string_view text, std::u32string_view piece);

}  // namespace lmc::eval
