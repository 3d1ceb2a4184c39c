// Where an explanation names options by their letters, so that it can follow them to new places.
//
// "Option B", "B)", "(B)", "Answer: B", "B is correct" are mentions; "panel B" and "B-cell" are
// not. A capital "A" may be a letter or an article, and "C. difficile" no option: where that cannot
// be told, the text as a whole is unclear, for a wrong letter in a reason teaches nonsense.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::reading {

struct LetterMentions {
  std::vector<size_t> places;  // of the letters, in bytes, ascending
  bool unclear = false;        // a letter may or may not be an option's, or options are counted
};

LetterMentions letter_mentions(std::string_view text, const std::map<char, std::string>& options);

// The text with the letters at `places` renamed; a small letter stays small.
std::string with_letters(std::string text, const std::vector<size_t>& places,
                         const std::map<char, char>& renamed);

}  // namespace lmc::reading
