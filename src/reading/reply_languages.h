// The words with which other languages state an answer, as the English ones that the rules know.
//
// Options pass through the same tables as replies, so their texts are still found.
#pragma once

#include <string>
#include <string_view>

namespace lmc::reading {

// Languages that write no blanks between words: a phrase at the beginning of `text`, and what it
// says. Length 0: none.
struct Phrase {
  size_t length = 0;
  std::string_view english;
};
Phrase phrase_at(std::u32string_view text);

// A word in lower case, or the same word.
std::string_view in_english(std::string_view word);

// A word in lower case of ASCII, Latin-1, Latin Extended-A and Cyrillic letters.
std::u32string lower_word(std::u32string_view word);

// Chinese characters and kana, which need no blank between words.
bool is_unspaced(char32_t c);

// The ASCII character that this one is a form of (fullwidth, circled, mathematical bold, ...), or
// itself.
char32_t plain_character(char32_t c);

// The Latin capital or small letter that a Greek or Cyrillic one looks like, or 0.
char look_alike(char32_t c);

}  // namespace lmc::reading
