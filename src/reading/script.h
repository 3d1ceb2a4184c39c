// Which script a character is written in, as far as telling languages apart needs it.
//
// Source: the Unicode block ranges (Blocks.txt); letters of blocks not named here are kOther.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace lmc::reading {

enum class Script {
  kNone,  // no letter or digit: blanks, marks, symbols
  kLatin,
  kGreek,
  kCyrillic,
  kHan,  // with the Japanese syllabaries
  kHangul,
  kArabic,
  kOther,
};
inline constexpr size_t kNumScripts = 8;

// Digits are kNone in ASCII.
Script script_of(char32_t code_point);

// Reads one character of UTF-8 at `i` and moves `i` behind it; an invalid byte is U+FFFD.
char32_t next_code_point(std::string_view text, size_t& i);

}  // namespace lmc::reading
