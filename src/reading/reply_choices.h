// Where a reply names which option: letters that are meant as letters, and options' texts.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reading/option_texts.h"  // OptionTexts
#include "reading/reply_words.h"   // ReplyWord
#include "reading/text_atoms.h"    // TextAtoms

namespace lmc::reading {

// What one place of a reply says.
struct Finding {
  std::optional<char> letter;  // none: two options at once, a letter that is no option's, or "none"
  size_t begin = 0;            // index of its first word
  size_t end = 0;              // index of the word after it
};

// A reply's words beside the options they may name. Indexing past the end gives a blank line.
class ReplyChoices {
 public:
  ReplyChoices(std::string_view reply, const std::map<char, std::string>& options);

  size_t size() const { return words_.size(); }
  const ReplyWord& operator[](size_t i) const { return i < words_.size() ? words_[i] : kEnd; }
  bool is_one_of(size_t i, std::initializer_list<std::string_view> list) const;
  bool ends_sentence(size_t i) const;

  // The first word of a line, bullets and numbering apart.
  bool at_line_start(size_t i) const;

  // The letter at word `i` if it stands for an option. "A" and "I" are also English words, and so
  // is each small letter; those count only where nothing but punctuation follows. A Greek or
  // Cyrillic letter counts as the Latin one that it looks like, unless the reply counts in
  // Cyrillic. A letter that is part of a name ("B cells", the C of an option "C. difficile") stands
  // for no option.
  std::optional<char> letter_at(size_t i, bool small_too) const;

  // A capital that stands like an answer but is no option's letter.
  bool foreign_letter_at(size_t i) const;

  // The word after the text of option `letter`, when that text stands at word `i`, behind a label
  // that has told the option.
  std::optional<size_t> text_end(char letter, size_t i) const;

  // The option whose text stands at word `i`: the longest, as one may begin like another. Never one
  // that another option's text looks like (option_texts.h).
  std::optional<Finding> text_at(size_t i) const;

  // Whether the text of an option ends before word `i`, having begun at most `most_words` before.
  bool ends_with_text(size_t i, size_t most_words) const;

  // "B", "(B)", "option B. Pneumonia" or "Pneumonia" at word `i`, brackets and breaks apart. The
  // longest reading counts, so an option's text "B cells" or "A and B" beats the letter that it
  // begins with. Two letters joined by "or", "and" or a comma, and two texts joined by "or" or
  // "and", are a finding without a letter.
  std::optional<Finding> choice_at(size_t i, bool small_too) const;

  // The option whose text is all that the reply says.
  std::optional<Finding> whole_reply() const;

  // Whether the reply is one letter of an option and nothing else.
  bool is_letter_alone() const;

  // An option that consists of a number alone, when word `i` is that number.
  std::optional<char> number_at(size_t i) const;

  // The option that says that no option is right: "None of the above".
  std::optional<char> none_option() const { return texts_.none_option(); }

  // The choice that heads the next line, if the choice given stands in a line of its own and the
  // next line is another option's.
  std::optional<Finding> next_of_list(const Finding& choice) const;
  bool opens_list(const Finding& choice) const { return next_of_list(choice).has_value(); }

  const OptionTexts& texts() const { return texts_; }

 private:
  static const ReplyWord kEnd;

  bool is_in_name(size_t i) const;
  std::optional<Finding> choice_by_letter(size_t i, char letter) const;
  // Whether the letters from word `i` on are what a clause of its own denies: "B; C and D are
  // wrong".
  bool others_are_denied(size_t i) const;

  std::vector<ReplyWord> words_;
  TextAtoms atoms_;
  OptionTexts texts_;
  bool counts_in_cyrillic_ = false;
};

}  // namespace lmc::reading
