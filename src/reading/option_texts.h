// Which option a text names: the one place where options' texts are compared.
//
// As little is folded as tells the options of the question apart. Most texts may be written in any
// case, with or without hyphens and signs ("70%" as "70"), as long as no other sign stands there.
// Where two options would then look alike ("CD4+" and "CD4-"), all their signs must be there; where
// they still would ("mM" and "MM"), every letter must be as written; options that are written the
// same are never named by a text. So one text never names two options.
// Threads: const after construction.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reading/text_atoms.h"  // TextAtom, TextAtoms

namespace lmc::reading {

class OptionTexts {
 public:
  explicit OptionTexts(const std::map<char, std::string>& options);

  bool has(char letter) const { return options_.contains(letter); }

  struct Match {
    char letter;
    size_t end;  // the atom after it
  };

  // The option whose text begins at atom `i`: the longest.
  std::optional<Match> longest_at(const TextAtoms& text, size_t i) const;

  // The atom after the text of option `letter` at atom `i`, where a label has told the option.
  std::optional<size_t> end_of_labelled(char letter, const TextAtoms& text, size_t i) const;

  // The option that consists of a number alone, when that is what stands at atom `i`.
  std::optional<char> number_at(const TextAtoms& text, size_t i) const;

  // The option that is written exactly as this text, blanks around them apart, and no other.
  std::optional<char> exactly(std::string_view text) const;

  // The option that consists of signs alone ("++", "(-)"), when the text is just these, brackets
  // and quotation marks apart.
  std::optional<char> by_signs(std::string_view text) const;

  // The option that a whole text names: exactly, or else folded.
  std::optional<char> named_by(std::string_view text) const;

  // Whether these folded words stand side by side in an option's text, one of them a single letter:
  // the C of "C. difficile" and of "vitamin C" stands for no option. Words that join letters
  // ("and", "of") do not count.
  bool is_name(const std::string& first, const std::string& second) const {
    return names_.contains({first, second});
  }

  // The option that says that no option is right: "None of the above".
  std::optional<char> none_option() const { return none_option_; }

 private:
  // From what may be written otherwise to what must be written the same.
  enum class Level { kWords, kSigns, kWritten, kNever };
  struct Option {
    std::string written;
    std::vector<TextAtom> atoms;
    Level level = Level::kWords;
  };

  static bool look_alike(const Option& a, const Option& b, Level level);
  static std::optional<size_t> end_of(const Option& option, Level level, const TextAtoms& text,
                                      size_t i);
  void learn_names(const Option& option);

  std::map<char, Option> options_;
  std::set<std::pair<std::string, std::string>> names_;
  std::optional<char> none_option_;
};

}  // namespace lmc::reading
