// Texts as words, so that a question can be found again in another set's wording of it: case,
// blanks and punctuation do not count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::reading {

// A run of letters, digits and non-ASCII characters; or one of + < > = %, or a minus before a
// number, which tell options apart ("-1" and "+1").
struct PlainWord {
  uint64_t hash = 0;  // of its lower-case text
  size_t begin = 0;   // bytes of the text
  size_t end = 0;
  bool starts = false;  // begins the text, a line, or what stands after . ? ! : ;
  bool ends = false;    // ends the text, a line, or what stands before . ? ! : ;
};

std::vector<PlainWord> plain_words(std::string_view text);

// Identifies a run of words; `begin` the hash of the words before. 64 bits: among 150,000 texts
// two agree by chance once in a thousand million sets.
inline constexpr uint64_t kNoWords = 1469598103934665603U;
uint64_t words_hash(std::span<const PlainWord> words, uint64_t begin = kNoWords);
uint64_t words_hash(std::string_view text);

}  // namespace lmc::reading
