// A reply's characters without what only wraps or shapes them.
//
// Markdown emphasis, headings and LaTeX wrapping say nothing about the words they wrap, and one
// sign is written in several ways ("<=", "\leq" and U+2264; "->" and U+2192; Roman numerals and
// digits as characters of their own). After this each sign is one character.
#pragma once

#include <string>
#include <string_view>

namespace lmc::reading {

std::u32string plain_form(std::u32string_view text);

bool is_word_char(char32_t c);  // of a word of any script; digits, too
bool is_blank_char(char32_t c);

}  // namespace lmc::reading
