#include "prompt/reply_choices.h"

#include <algorithm>
#include <cctype>

namespace lmc::prompt {

namespace {

using Kind = ReplyWord::Kind;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number(const ReplyWord& word) {
  return word.kind == Kind::kWord && std::all_of(word.text.begin(), word.text.end(), [](char c) {
           return std::isdigit(static_cast<unsigned char>(c));
         });
}

}  // namespace

const ReplyWord ReplyChoices::kEnd{Kind::kBreak, "\n\n", "\n\n", false};

ReplyChoices::ReplyChoices(std::string_view reply, const std::map<char, std::string>& options)
    : words_(reply_words(reply)) {
  for (const auto& [letter, option] : options) {
    std::vector<std::string>& words = option_words_[letter];
    for (const ReplyWord& word : reply_words(option)) {
      if (word.kind == Kind::kWord) words.push_back(word.lower);
    }
    // A text of one letter would be met at every "a"; such an option is named by its own letter.
    if (words.size() == 1 && words[0].size() == 1 && is_letter(words[0][0])) words.clear();
    if (!words.empty() && (words[0] == "none" || words[0] == "neither") &&
        (words.size() == 1 || words[1] == "of")) {
      none_option_ = letter;
    }
  }
  // Among these letters the third is the one that looks like a B.
  for (const ReplyWord& word : words_) {
    if (word.text == "\xD0\x91" || word.text == "\xD0\x93") counts_in_cyrillic_ = true;
  }
}

bool ReplyChoices::is_one_of(size_t i, std::initializer_list<std::string_view> list) const {
  return std::find(list.begin(), list.end(), (*this)[i].lower) != list.end();
}

bool ReplyChoices::ends_sentence(size_t i) const {
  return is_one_of(i, {".", "!", "?", ";", "\n\n"});
}

bool ReplyChoices::at_line_start(size_t i) const {
  const auto is_bullet = [&](size_t k) {
    return is_one_of(k, {"-", ">", "(", "[", "+"}) ||
           (is_one_of(k, {".", ")"}) && k > 0 && is_number(words_[k - 1])) ||
           (is_number(words_[k]) && is_one_of(k + 1, {".", ")"}));
  };
  while (i > 0 && is_bullet(i - 1)) --i;
  return i == 0 || words_[i - 1].kind == Kind::kBreak;
}

std::optional<char> ReplyChoices::letter_at(size_t i, bool small_too) const {
  const ReplyWord& word = (*this)[i];
  if (word.kind != Kind::kWord || word.text.size() != 1) return std::nullopt;
  const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(word.text[0])));
  if (!option_words_.contains(upper)) return std::nullopt;
  const ReplyWord& next = (*this)[i + 1];
  // What follows in another script is no English noun that an article belongs to.
  const bool before_letter = next.text.size() == 1 && next.text[0] >= 'A' && next.text[0] <= 'Z' &&
                             (*this)[i + 2].kind != Kind::kWord;
  const bool alone = next.kind != Kind::kWord || (next.text[0] & 0xF0) == 0xE0 || before_letter;
  if (word.look_alike && (counts_in_cyrillic_ || next.kind == Kind::kWord)) return std::nullopt;
  const bool sentence_goes_on =
      is_one_of(i + 1, {"is",    "was", "because", "since", "as",      "or",    "and",
                        "would", "due", "for",     "seems", "appears", "given", "based",
                        "with",  "but", "o",       "ou",    "y",       "e",     "et"});
  if (upper != word.text[0]) {
    const bool named = i > 0 && is_one_of(i - 1, {"option", "choice", "letter"});
    const bool counts = (small_too && alone) || (named && (alone || sentence_goes_on));
    return counts ? std::optional(upper) : std::nullopt;
  }
  if (alone || (upper != 'A' && upper != 'I') || text_end(upper, i + 1)) return upper;
  return sentence_goes_on ? std::optional(upper) : std::nullopt;
}

bool ReplyChoices::foreign_letter_at(size_t i) const {
  const std::string& text = (*this)[i].text;
  return text.size() == 1 && text[0] >= 'A' && text[0] <= 'Z' && !option_words_.contains(text[0]) &&
         (*this)[i + 1].kind != Kind::kWord;
}

std::optional<size_t> ReplyChoices::text_end(char letter, size_t i) const {
  const std::vector<std::string>& option = option_words_.at(letter);
  if (option.empty()) return std::nullopt;
  for (const std::string& expected : option) {
    while ((*this)[i].kind == Kind::kMark) ++i;
    if ((*this)[i].kind != Kind::kWord || (*this)[i].lower != expected) return std::nullopt;
    ++i;
  }
  return i;
}

std::optional<Finding> ReplyChoices::text_at(size_t i) const {
  std::optional<Finding> longest;
  for (const auto& [letter, words] : option_words_) {
    const std::optional<size_t> end = text_end(letter, i);
    if (end && (!longest || *end > longest->end)) longest = Finding{letter, i, *end};
  }
  return longest;
}

bool ReplyChoices::ends_with_text(size_t i, size_t most_words) const {
  for (size_t back = 1; back <= most_words && back <= i; ++back) {
    const auto text = text_at(i - back);
    if (text && text->end == i) return true;
  }
  return false;
}

std::optional<Finding> ReplyChoices::choice_at(size_t i, bool small_too) const {
  while (i < size() && (words_[i].kind == Kind::kBreak ||
                        is_one_of(i, {"(", "[", "\"", "'", ":", "-", ">", "=", "option", "choice",
                                      "letter", "answer", "statement", "number"}))) {
    ++i;
  }
  const std::optional<char> letter = letter_at(i, small_too);
  if (!letter) return text_at(i);
  size_t end = i + 1;
  while ((*this)[end].kind == Kind::kMark && !is_one_of(end, {"(", ",", "&", ";", "/", "+"})) {
    ++end;
  }
  if (const auto end_of_text = text_end(*letter, end)) end = *end_of_text;
  if (end == i + 1) {
    const std::optional<char> second = letter_at(end, false);
    if (second && second != letter && (*this)[end + 1].kind != Kind::kWord) {
      return Finding{std::nullopt, i, end + 1};
    }
  }
  if (is_one_of(end, {"or", "and", "&", ",", ";", "/", "+", "o", "y", "e", "ou", "et",
                      "\xE5\x92\x8C", "\xE4\xB8\x8E"})) {
    size_t other = end + 1;
    while (is_one_of(other, {"or", "and", "option", "choice", "(", "either", "possibly"})) ++other;
    const std::optional<char> second = letter_at(other, false);
    if (second && second != letter) return Finding{std::nullopt, i, other + 1};
  }
  return Finding{letter, i, end};
}

std::optional<Finding> ReplyChoices::whole_reply() const {
  size_t first = 0;
  while (first < size() && words_[first].kind != Kind::kWord) ++first;
  const auto found = text_at(first);
  if (!found) return std::nullopt;
  for (size_t i = found->end; i < size(); ++i) {
    if (words_[i].kind == Kind::kWord) return std::nullopt;
  }
  return found;
}

std::optional<char> ReplyChoices::number_at(size_t i) const {
  for (const auto& [letter, words] : option_words_) {
    if (words.size() == 1 && words[0] == (*this)[i].lower && is_digit(words[0][0])) return letter;
  }
  return std::nullopt;
}

bool ReplyChoices::opens_list(const Finding& choice) const {
  size_t label = choice.begin;
  while (label > 0 && is_one_of(label - 1, {"option", "choice"})) --label;
  if (!at_line_start(label)) return false;
  constexpr size_t kMaxLineWords = 400;
  size_t next = choice.end;
  while (next < choice.end + kMaxLineWords && (*this)[next].kind != Kind::kBreak) ++next;
  while (next < size() && (words_[next].kind != Kind::kWord || is_number(words_[next]))) ++next;
  const std::optional<Finding> other = choice_at(next, false);
  return other && other->letter && other->letter != choice.letter;
}

}  // namespace lmc::prompt
