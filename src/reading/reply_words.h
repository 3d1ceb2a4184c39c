// A reply as words, marks and line breaks, with markdown and LaTeX wrapping taken off.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::reading {

struct ReplyWord {
  enum class Kind { kWord, kMark, kBreak };
  Kind kind = Kind::kMark;
  std::string text;   // as written; "\n" or "\n\n" (a blank line) for a break
  std::string lower;  // in lower case; a word that states an answer in another language in English
  bool look_alike = false;  // a single Greek or Cyrillic letter; `text` has the Latin one
  bool apart = true;        // a blank, a break or nothing stands before it

  bool is(std::string_view word) const { return lower == word; }
};

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list);

// A word is a run of letters and digits, or one Chinese or Japanese character; an apostrophe,
// hyphen, slash or full stop inside it stays inside ("B-cell", "N/A", "2.5"), so that no letter of
// it stands alone. \boxed{B} and <answer>B</answer> read like a line "Answer: B".
std::vector<ReplyWord> reply_words(std::string_view text);

// Whether a line is an answer line: "Answer: ...", "**Final answer:** ...", a box or a tag.
bool is_answer_line(std::string_view line);

// The reply without what was thought before it: everything up to the last </think>; and, when a
// block was opened and never closed, nothing after its <think> but a tagged <answer>.
std::string without_thinking(std::string_view reply);

}  // namespace lmc::reading
