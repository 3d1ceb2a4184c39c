// Where the sentences of a text lie.
//
// A sentence ends with a full stop, exclamation or question mark, Latin or fullwidth, or with its
// line, unless the line goes on in lower case. A full stop before a digit or a small letter belongs
// to an abbreviation ("No. 6", "Fig. 2", "approx. two"); a number alone before one counts a list
// ("1. The image ...").
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace lmc::reading {

// Bytes [begin, end) of a text.
struct TextSpan {
  size_t begin = 0;
  size_t end = 0;

  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
};

// Whether a full stop before `rest` ends a sentence.
bool ends_sentence(std::string_view rest);

// Whether a line break before `rest` is one of layout only.
bool goes_on_after_break(std::string_view rest);

// In order, without the blanks around them. What holds no word, such as a tag or a rule, is in
// none.
std::vector<TextSpan> sentences(std::string_view text);

}  // namespace lmc::reading
