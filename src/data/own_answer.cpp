#include "data/own_answer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii_case.h"  // lower_case
#include "data/clean_text.h"  // trim
#include "data/source_row.h"  // kBadGold

namespace lmc::data {

namespace {

// What may stand before and behind an option's letter, ASCII and full width.
constexpr std::array<std::string_view, 5> kOpening = {"(", "[", "（", "【", "［"};
constexpr std::array<std::string_view, 10> kClosing = {")",  "]",  ":",  ".",  "）",
                                                       "】", "］", "：", "．", "、"};

template <size_t size>
size_t length_of_any(std::string_view text, const std::array<std::string_view, size>& list) {
  for (const std::string_view one : list) {
    if (text.starts_with(one)) return one.size();
  }
  return 0;
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return upper(c) >= 'A' && upper(c) <= 'Z'; }

struct Lettered {
  char letter = 0;          // upper case; 0: the text does not begin with a letter by itself
  bool is_species = false;  // "B. fragilis": a capital letter, a full stop, a word in Latin
  std::string_view text;    // behind it
};

// By its ending: "baumannii", "coli", "aureus"; not "liver".
bool looks_latin(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  if (word.size() < 4 || !std::all_of(word.begin(), word.end(), is_lower)) return false;
  static constexpr std::array<std::string_view, 12> kEndings = {
      "us", "is", "um", "i", "a", "ae", "ile", "ale", "ens", "ans", "es", "ax"};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

// In lower case, and whole numbers without the ".0" that programs put behind them.
std::string plain_text(std::string_view text) {
  text = trim(text);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.ends_with(".0")) {
    std::string_view whole = text.substr(0, text.size() - 2);
    const bool has_sign = whole.starts_with('-') || whole.starts_with('+');
    const std::string_view digits = whole.substr(has_sign ? 1 : 0);
    if (!digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit)) text = whole;
  }
  return lower_case(text);
}

// "B", "B.", "(b)", "[B]: text", "B) text". A bracket must be closed, and text set off.
Lettered split_letter(std::string_view text) {
  text = trim(text);
  const size_t opening = length_of_any(text, kOpening);
  std::string_view rest = text.substr(opening);
  if (rest.empty() || !is_letter(rest.front())) return {};
  Lettered found{upper(rest.front()), false, {}};
  const bool is_capital = !is_lower(rest.front());
  rest = rest.substr(1);
  const bool is_dot = opening == 0 && rest.starts_with(".");
  rest = trim(rest);
  const size_t closing = length_of_any(rest, kClosing);
  if (closing == 0 && (opening > 0 || !rest.empty())) return {};
  rest = rest.substr(closing);
  if (opening > 0) rest = rest.substr(length_of_any(rest, kClosing));  // "(B): text"
  rest = trim(rest);
  found.text = rest;
  found.is_species = is_capital && is_dot && looks_latin(rest);
  return found;
}

// "option B", "choice_b", "answer: B" -> "B".
std::string_view without_word(std::string_view text) {
  const std::string plain = lower_case(text);
  for (const std::string_view word : {"option", "choice", "answer"}) {
    if (!plain.starts_with(word)) continue;
    const size_t next = text.find_first_not_of(" _:\t", word.size());
    if (next != text.npos && next > word.size()) return text.substr(next);
  }
  return text;
}

// The only option with this text; case counts only where it tells two apart. 0: none or several.
char option_with_text(std::string_view text, const Options& options, bool& has_several) {
  has_several = false;
  for (const bool exact : {true, false}) {
    char found = 0;
    int count = 0;
    for (const auto& [letter, option] : options) {
      const bool is_same = exact ? trim(option) == text : plain_text(option) == plain_text(text);
      if (!is_same) continue;
      found = letter;
      ++count;
    }
    if (count == 1) return found;
    if (count > 1) {
      has_several = true;
      return 0;
    }
  }
  return 0;
}

bool is_letter_of(std::string_view text, const Options& options) {
  text = trim(text);
  return text.size() == 1 && text[0] >= 'A' && text[0] <= 'Z' && options.contains(text[0]);
}

// Whether the answer is an option's text and no letter.
bool is_written_out(std::string_view text, const Options& options) {
  if (options.contains(split_letter(without_word(trim(text))).letter)) return false;
  return read_own_answer(text, options).letter != 0;
}

// "B,C", "B and C", "A/B", "AB": letters of options alone.
bool names_several(std::string_view text, const Options& options) {
  int letters = 0;
  std::string word;
  const std::string padded = std::string(text) + " ";
  for (const char c : padded) {
    if (is_letter(c)) {
      word += upper(c);
      continue;
    }
    if (std::string_view(" ,;/&+").find(c) == std::string_view::npos) return false;
    if (word != "AND" && word != "OR") {
      for (const char letter : word) {
        if (!options.contains(letter)) return false;
        ++letters;
      }
    }
    word.clear();
  }
  return letters > 1;
}

}  // namespace

bool strip_own_letters(Options& options) {
  bool are_species = true;
  for (const auto& [letter, text] : options) {
    const Lettered found = split_letter(text);
    if (found.letter != letter || found.text.empty()) return false;
    if (!found.is_species) are_species = false;
  }
  if (options.empty() || (are_species && options.size() == 2)) return false;
  for (auto& [letter, text] : options) text = std::string(split_letter(text).text);
  return true;
}

char other_letter(const Options& options) {
  char found = 0;
  bool are_species = true;
  for (const auto& [letter, text] : options) {
    const Lettered own = split_letter(text);
    if (own.letter == 0 || own.text.empty() || own.is_species) continue;
    are_species = false;
    if (found == 0 && options.contains(own.letter)) found = letter;
  }
  return are_species ? '\0' : found;
}

OwnAnswer read_own_answer(std::string_view text, const Options& options) {
  text = trim(text);
  if (text.empty()) return {0, kBadGold};
  if (is_letter_of(text, options)) return {text[0], nullptr};
  bool has_several = false;
  const char by_text = option_with_text(text, options, has_several);
  const Lettered lettered = split_letter(without_word(text));
  char by_letter = options.contains(lettered.letter) ? lettered.letter : '\0';
  bool is_other_text = false;
  if (by_letter != 0 && !lettered.text.empty()) {
    const std::string option = lower_case(trim(options.at(by_letter)));
    const Lettered own = split_letter(options.at(by_letter));
    const std::string said = lower_case(lettered.text);
    const bool is_own = said == option || (own.letter == by_letter && said == lower_case(own.text));
    is_other_text = !is_own;
    if (!is_own) by_letter = 0;
  }
  if (by_text != 0 && by_letter != 0 && by_text != by_letter) return {0, kTwoReadings};
  if (has_several) return {0, kTwoReadings};
  if (by_letter != 0 || by_text != 0) return {by_letter != 0 ? by_letter : by_text, nullptr};
  if (is_other_text) return {0, kOtherText};
  return {0, names_several(text, options) ? kSeveralAnswers : kBadGold};
}

std::optional<int64_t> answer_number(std::string_view text) {
  text = trim(text);
  if (text.ends_with(".0")) text.remove_suffix(2);
  if (text.empty() || text.size() > 3) return std::nullopt;
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = 10 * number + (c - '0');
  }
  return number;
}

void AnswerNumbers::add(int64_t number, size_t num_options) {
  if (number == 0) has_zero_ = true;
  if (number == static_cast<int64_t>(num_options)) has_last_ = true;
}

OwnAnswer AnswerNumbers::read(int64_t number, const Options& options, bool is_index) const {
  if (has_zero_ == has_last_ && (has_zero_ || !is_index)) return {0, kWhichNumber};
  // With a gap among the letters a number may count it or not.
  if (options.rbegin()->first - options.begin()->first + 1 != static_cast<int>(options.size())) {
    return {0, kWhichNumber};
  }
  const int64_t place = number - (has_last_ ? 1 : 0);
  if (place < 0 || place >= static_cast<int64_t>(options.size())) return {0, kBadGold};
  return {std::next(options.begin(), place)->first, nullptr};
}

void OwnGold::add_index(const std::string& text) {
  if (text.empty()) return;
  if (!index.empty() && plain_text(index) != plain_text(text)) has_two_indices = true;
  index = text;
}

void OwnAnswers::add(const OwnGold& gold, const Options& options) {
  if (const auto number = answer_number(gold.index)) index_.add(*number, options.size());
  if (gold.answer.empty()) return;
  const auto number = answer_number(gold.answer);
  if (number && read_own_answer(gold.answer, options).letter == 0) {
    answer_.add(*number, options.size());
  } else if (!number) {  // a number that is an option's text says nothing
    has_words_ = true;
    has_texts_ = has_texts_ || is_written_out(gold.answer, options);
  }
}

void OwnAnswers::see_file() {
  if (collect_) std::exchange(collect_, nullptr)(*this);
}

OwnAnswer OwnAnswers::read(const OwnGold& gold, const Options& options) {
  if (gold.has_two_indices) return {0, kTwoReadings};
  const OwnAnswer by_answer = read_one(gold.answer, options, false);
  if (gold.index.empty()) return by_answer;
  const OwnAnswer by_index = read_one(gold.index, options, true);
  if (by_index.letter == 0 || gold.answer.empty()) return by_index;
  // A number of which the file does not tell what it counts from contradicts nothing.
  const bool agree = by_answer.letter == by_index.letter || by_answer.problem == kWhichNumber ||
                     plain_text(options.at(by_index.letter)) == plain_text(gold.answer);
  return agree ? by_index : OwnAnswer{0, kTwoReadings};
}

OwnAnswer OwnAnswers::read_one(const std::string& text, const Options& options, bool is_index) {
  const auto number = answer_number(text);
  const OwnAnswer by_text = read_own_answer(text, options);
  if (!is_index && is_letter_of(text, options)) {
    bool has_several = false;
    const char other = option_with_text(trim(text), options, has_several);
    if ((other == 0 || other == by_text.letter) && !has_several) return by_text;
    see_file();
    return has_texts_ ? OwnAnswer{0, kTwoReadings} : by_text;
  }
  if (!number || by_text.problem == kTwoReadings) return by_text;
  see_file();
  const OwnAnswer by_number = !is_index && has_words_
                                  ? OwnAnswer{0, kWhichNumber}
                                  : (is_index ? index_ : answer_).read(*number, options, is_index);
  // "2" may be an option's text as well.
  if (is_index || by_text.letter == 0) return by_number;
  const bool are_two = by_number.letter != 0 && by_number.letter != by_text.letter;
  return are_two ? OwnAnswer{0, kTwoReadings} : by_text;
}

bool has_twin(const Options& options, char letter) {
  return std::any_of(options.begin(), options.end(), [&](const auto& option) {
    return option.first != letter && plain_text(option.second) == plain_text(options.at(letter));
  });
}

}  // namespace lmc::data
