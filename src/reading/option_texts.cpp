#include "reading/option_texts.h"

#include <algorithm>
#include <cctype>

#include "reading/plain_form.h"   // plain_form, is_word_char, is_blank_char
#include "reading/reply_words.h"  // reply_words
#include "text/unicode.h"         // decode_utf8

namespace lmc::reading {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

bool is_single_letter(const std::string& folded) {
  return folded.size() == 1 && std::isalpha(static_cast<unsigned char>(folded[0])) != 0;
}

bool is_number(const std::string& folded) {
  return !folded.empty() && std::all_of(folded.begin(), folded.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

// Words that stand beside any letter.
bool joins_letters(const std::string& word) {
  return is_one_of(word,
                   {"and",    "or",      "nor",     "of",     "is",     "are",   "the", "both",
                    "either", "neither", "not",     "but",    "with",   "to",    "in",  "all",
                    "only",   "option",  "options", "choice", "answer", "letter"});
}

// One is absent or the same up to where it ends.
bool are_compatible(std::string a, std::string b) {
  std::erase(a, kUnclearSign[0]);
  std::erase(b, kUnclearSign[0]);
  return a.starts_with(b) || b.starts_with(a);
}

// Hyphens inside words are no signs.
std::string signs_of(const TextAtom& atom) { return atom.joined ? std::string() : atom.gap; }

// The atoms of an option, without a number in a circle that only counts it.
std::vector<TextAtom> atoms_of_option(std::string_view option) {
  const TextAtoms all(reply_words(option), TextAtoms::Of::kOption);
  std::vector<TextAtom> atoms;
  for (size_t i = 0; i < all.size(); ++i) atoms.push_back(all[i]);
  const std::u32string text = text::decode_utf8(trimmed(option));
  const bool counted = !text.empty() && ((text[0] >= 0x2460 && text[0] <= 0x249B) ||
                                         (text[0] >= 0x24EB && text[0] <= 0x24FE) ||
                                         (text[0] >= 0x2776 && text[0] <= 0x2793));
  // Of "\u2460 and \u2461" the numbers are all there is.
  const bool has_words = std::any_of(atoms.begin(), atoms.end(), [](const TextAtom& atom) {
    return !is_number(atom.folded) &&
           !is_one_of(atom.folded, {"and", "or", "\xE5\x92\x8C", "\xE4\xB8\x8E", "\xE5\x8F\x8A"});
  });
  if (counted && has_words && !atoms.empty()) atoms.erase(atoms.begin());
  return atoms;
}

// The signs of a text without words; of any other text nothing.
std::u32string bare_signs(std::string_view text) {
  std::u32string signs;
  for (const char32_t c : plain_form(text::decode_utf8(text))) {
    if (is_word_char(c)) return {};
    const bool frames = std::u32string_view(U"()[]\".:,").find(c) != std::u32string_view::npos;
    const bool shows_as_image = c >= 0xFE00 && c <= 0xFE0F;
    if (!frames && !shows_as_image && !is_blank_char(c)) signs += c;
  }
  return signs;
}

// Whether an option that only counts ("1 and 2", "A and B") goes on in the reply: "1, 2 and 3".
bool list_goes_on(const std::vector<TextAtom>& option, const TextAtoms& text, size_t end) {
  for (const TextAtom& atom : option) {
    const bool counts = is_number(atom.folded) || is_single_letter(atom.folded) ||
                        is_one_of(atom.folded, {"and", "or"});
    if (!counts) return false;
  }
  if (option.size() < 2) return false;
  const auto is_item = [&](size_t i) {
    return i < text.size() && !text[i].breaks && !text[i].stops &&
           (is_number(text[i].folded) ||
            (is_single_letter(text[i].folded) && text[i].written != "a"));
  };
  const bool joined = end < text.size() && is_one_of(text[end].folded, {"and", "or"}) &&
                      !text[end].breaks && !text[end].stops;
  return is_item(joined ? end + 1 : end);
}

}  // namespace

OptionTexts::OptionTexts(const std::map<char, std::string>& options) {
  int num_none = 0;
  for (const auto& [letter, text] : options) {
    Option& option = options_[letter];
    option.written = std::string(trimmed(text));
    option.atoms = atoms_of_option(text);
    const std::vector<TextAtom>& atoms = option.atoms;
    // A text of one letter would be met at every "a"; such an option is named by its own letter.
    // With a sign ("B+") it is read as it is written.
    if (atoms.empty()) {
      option.level = Level::kNever;
    } else if (atoms.size() == 1 && is_single_letter(atoms[0].folded)) {
      const bool has_sign = !atoms[0].lead.empty() || !atoms[0].trail.empty();
      // So is a capital that labels no option ("X").
      const std::string& letter_text = atoms[0].written;
      const bool is_label = std::isupper(static_cast<unsigned char>(letter_text[0])) != 0 &&
                            !options.contains(letter_text[0]);
      option.level = has_sign || is_label ? Level::kWritten : Level::kNever;
    }
    if (!atoms.empty() && is_one_of(atoms[0].folded, {"none", "neither"}) &&
        (atoms.size() == 1 || atoms[1].folded == "of")) {
      none_option_ = num_none == 0 ? std::optional(letter) : std::nullopt;
      ++num_none;
    }
    learn_names(option);
  }
  for (auto& entry : options_) {
    Option& option = entry.second;
    const auto is_shared = [&](Level level) {
      return std::any_of(options_.begin(), options_.end(), [&](const auto& other) {
        return other.first != entry.first && look_alike(option, other.second, level);
      });
    };
    while (option.level != Level::kNever && is_shared(option.level)) {
      option.level = static_cast<Level>(static_cast<int>(option.level) + 1);
    }
  }
}

bool OptionTexts::look_alike(const Option& a, const Option& b, Level level) {
  if (a.atoms.size() != b.atoms.size()) return false;
  const bool as_written = level == Level::kWritten;
  for (size_t i = 0; i < a.atoms.size(); ++i) {
    const TextAtom& x = a.atoms[i];
    const TextAtom& y = b.atoms[i];
    if (as_written ? x.written != y.written : x.folded != y.folded) return false;
    if (level == Level::kWords) continue;
    if (x.trail != y.trail) return false;
    if (i == 0) {
      if (x.lead != y.lead) return false;
    } else if (as_written ? x.gap != y.gap || x.joined != y.joined : signs_of(x) != signs_of(y)) {
      return false;
    }
  }
  return true;
}

std::optional<size_t> OptionTexts::end_of(const Option& option, Level level, const TextAtoms& text,
                                          size_t i) {
  const std::vector<TextAtom>& atoms = option.atoms;
  if (atoms.empty() || level == Level::kNever || i + atoms.size() > text.size()) {
    return std::nullopt;
  }
  const auto same = [&](const std::string& a, const std::string& b) {
    return level == Level::kWords ? are_compatible(a, b) : a == b;
  };
  for (size_t k = 0; k < atoms.size(); ++k) {
    const TextAtom& expected = atoms[k];
    const TextAtom& found = text[i + k];
    if (level == Level::kWritten ? expected.written != found.written
                                 : expected.folded != found.folded) {
      return std::nullopt;
    }
    if (k == 0) {
      if (found.joined || !same(expected.lead, found.lead)) return std::nullopt;
      continue;
    }
    if (found.breaks) return std::nullopt;
    // "Pneumonia. Effusion ..." is two sentences, "E. coli" one name.
    const bool goes_on =
        !found.written.empty() && !std::isupper(static_cast<unsigned char>(found.written[0]));
    if (found.stops && !expected.stops && !goes_on) return std::nullopt;
    const bool hyphens_count = level != Level::kSigns;
    if (!same(hyphens_count ? expected.gap : signs_of(expected),
              hyphens_count ? found.gap : signs_of(found))) {
      return std::nullopt;
    }
    if (level == Level::kWritten && expected.joined != found.joined) return std::nullopt;
  }
  const size_t end = i + atoms.size();
  if (end < text.size() && text[end].joined) return std::nullopt;
  if (!same(atoms.back().trail, text[end - 1].trail)) return std::nullopt;
  return end;
}

std::optional<OptionTexts::Match> OptionTexts::longest_at(const TextAtoms& text, size_t i) const {
  std::optional<Match> longest;
  for (const auto& [letter, option] : options_) {
    const auto end = end_of(option, option.level, text, i);
    if (!end || (longest && *end <= longest->end)) continue;
    if (!list_goes_on(option.atoms, text, *end)) longest = Match{letter, *end};
  }
  return longest;
}

std::optional<size_t> OptionTexts::end_of_labelled(char letter, const TextAtoms& text,
                                                   size_t i) const {
  const Option& option = options_.at(letter);
  const bool is_letter = option.atoms.size() == 1 && is_single_letter(option.atoms[0].folded);
  return end_of(option, is_letter ? option.level : Level::kWords, text, i);
}

std::optional<char> OptionTexts::number_at(const TextAtoms& text, size_t i) const {
  for (const auto& [letter, option] : options_) {
    if (option.atoms.size() != 1 || option.atoms[0].folded.empty()) continue;
    if (std::isdigit(static_cast<unsigned char>(option.atoms[0].folded[0])) == 0) continue;
    if (end_of(option, option.level, text, i)) return letter;
  }
  return std::nullopt;
}

std::optional<char> OptionTexts::exactly(std::string_view text) const {
  const std::string_view whole = trimmed(text);
  if (whole.empty()) return std::nullopt;
  std::optional<char> found;
  for (const auto& [letter, option] : options_) {
    if (option.written != whole) continue;
    if (found) return std::nullopt;
    found = letter;
  }
  return found;
}

std::optional<char> OptionTexts::by_signs(std::string_view text) const {
  const std::u32string signs = bare_signs(text);
  std::optional<char> found;
  for (const auto& [letter, option] : options_) {
    if (signs.empty() || !option.atoms.empty() || bare_signs(option.written) != signs) continue;
    if (found) return std::nullopt;
    found = letter;
  }
  return found;
}

std::optional<char> OptionTexts::named_by(std::string_view text) const {
  if (const auto found = exactly(text)) return found;
  const TextAtoms atoms(reply_words(text), TextAtoms::Of::kOption);
  const auto match = atoms.size() == 0 ? std::nullopt : longest_at(atoms, 0);
  return match && match->end == atoms.size() ? std::optional(match->letter) : std::nullopt;
}

void OptionTexts::learn_names(const Option& option) {
  for (size_t i = 1; i < option.atoms.size(); ++i) {
    const std::string& first = option.atoms[i - 1].folded;
    const std::string& second = option.atoms[i].folded;
    if (is_single_letter(first) == is_single_letter(second)) continue;
    const std::string& other = is_single_letter(first) ? second : first;
    if (!joins_letters(other) && !other.empty()) names_.insert({first, second});
  }
}

}  // namespace lmc::reading
