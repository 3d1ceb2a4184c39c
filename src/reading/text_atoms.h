// A text as what options are told apart by: its words, and the signs about them.
//
// "T4\u2191, TSH\u2193" and "T4\u2193, TSH\u2191" have the same words; "CD4+" and "CD4-" have, too.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reading/reply_words.h"  // ReplyWord

namespace lmc::reading {

// A word, or a part of one: "T-cell" has two, "TNF\u03B1" too.
struct TextAtom {
  std::string folded;   // in lower case, without apostrophes, Greek letters by their names
  std::string written;  // as written
  std::string gap;      // all signs between the atom before and this one
  std::string lead;     // those of them that belong to this one: "+" of "+2"
  std::string trail;    // signs after it that belong to it: "-" of "CD4-"
  bool joined = false;  // to the atom before, in one word; `gap` is then "-" or nothing
  bool breaks = false;  // the line breaks before it
  bool stops = false;   // a sentence may end before it
};

// A mark that may be a sign or not, as the dash of a line "- 2 cm" in a list; it equals no sign.
inline constexpr char kUnclearSign[] = "?";

class TextAtoms {
 public:
  enum class Of { kReply, kOption };

  // In a reply a dash at the beginning of a line is a bullet; in an option there are no lists.
  TextAtoms(const std::vector<ReplyWord>& words, Of whose);

  size_t size() const { return atoms_.size(); }
  const TextAtom& operator[](size_t i) const { return atoms_[i]; }

  // The first atom of the word at index `word` or after it.
  size_t first_of(size_t word) const { return first_of_[word]; }
  // The word after the one that atom `i` belongs to.
  size_t word_after(size_t i) const { return word_of_[i] + 1; }

 private:
  std::vector<TextAtom> atoms_;
  std::vector<size_t> first_of_;  // by word
  std::vector<size_t> word_of_;   // by atom
};

}  // namespace lmc::reading
