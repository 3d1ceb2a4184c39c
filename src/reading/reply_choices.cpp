#include "reading/reply_choices.h"

#include <algorithm>
#include <cctype>

namespace lmc::reading {

namespace {

using Kind = ReplyWord::Kind;

bool is_number(const ReplyWord& word) {
  return word.kind == Kind::kWord && std::all_of(word.text.begin(), word.text.end(), [](char c) {
           return std::isdigit(static_cast<unsigned char>(c));
         });
}

// What letters name beside options.
bool is_kind_of_letter(const std::string& lower) {
  constexpr std::string_view kKinds[] = {
      "cell",     "cells",         "lymphocyte",   "lymphocytes", "fiber",    "fibers",
      "fibre",    "fibres",        "wave",         "waves",       "line",     "lines",
      "dimer",    "antigen",       "antigens",     "vitamin",     "vitamins", "virus",
      "symptoms", "scan",          "scans",        "mode",        "peptide",  "protein",
      "chain",    "streptococcus", "streptococci", "loop",        "ring",     "complex",
      "coli",     "difficile",     "albicans",     "bacillus",    "colony"};
  return std::find(std::begin(kKinds), std::end(kKinds), lower) != std::end(kKinds);
}

}  // namespace

const ReplyWord ReplyChoices::kEnd{Kind::kBreak, "\n\n", "\n\n", false, true};

ReplyChoices::ReplyChoices(std::string_view reply, const std::map<char, std::string>& options)
    : words_(reply_words(reply)), atoms_(words_, TextAtoms::Of::kReply), texts_(options) {
  // Among these letters the third is the one that looks like a B.
  for (const ReplyWord& word : words_) {
    if (word.text == "\xD0\x91" || word.text == "\xD0\x93") counts_in_cyrillic_ = true;
  }
}

bool ReplyChoices::is_one_of(size_t i, std::initializer_list<std::string_view> list) const {
  return reading::is_one_of((*this)[i].lower, list);
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
  if (!texts_.has(upper)) return std::nullopt;
  const ReplyWord& next = (*this)[i + 1];
  // "A -1.00 D lens": an article, and a number with its sign.
  if (upper == 'A' && is_one_of(i + 1, {"-", "+"}) && next.apart &&
      (*this)[i + 2].kind == Kind::kWord && !(*this)[i + 2].apart) {
    return std::nullopt;
  }
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
  if (text_end(upper, i + 1)) return upper;
  if (is_in_name(i)) return std::nullopt;
  if (alone || sentence_goes_on) return upper;
  return upper != 'A' && upper != 'I' && !is_kind_of_letter(next.lower) ? std::optional(upper)
                                                                        : std::nullopt;
}

bool ReplyChoices::is_in_name(size_t i) const {
  const size_t atom = atoms_.first_of(i);
  if (atom >= atoms_.size() || atoms_.word_after(atom) != i + 1) return false;
  if (i > 0 && words_[i - 1].kind == Kind::kWord && atom > 0 &&
      texts_.is_name(atoms_[atom - 1].folded, atoms_[atom].folded)) {
    return true;
  }
  if (atom + 1 >= atoms_.size()) return false;
  // "C. difficile", but not "C. Difficile ..." nor "C: difficile".
  const bool short_form = (*this)[i + 1].is(".") && (*this)[i + 2].kind == Kind::kWord;
  if ((*this)[i + 1].kind != Kind::kWord && !short_form) return false;
  return texts_.is_name(atoms_[atom].folded, atoms_[atom + 1].folded);
}

bool ReplyChoices::foreign_letter_at(size_t i) const {
  const std::string& text = (*this)[i].text;
  return text.size() == 1 && text[0] >= 'A' && text[0] <= 'Z' && !texts_.has(text[0]) &&
         (*this)[i + 1].kind != Kind::kWord;
}

std::optional<size_t> ReplyChoices::text_end(char letter, size_t i) const {
  while ((*this)[i].kind == Kind::kMark) ++i;
  if ((*this)[i].kind != Kind::kWord) return std::nullopt;
  const auto end = texts_.end_of_labelled(letter, atoms_, atoms_.first_of(i));
  return end ? std::optional(atoms_.word_after(*end - 1)) : std::nullopt;
}

std::optional<Finding> ReplyChoices::text_at(size_t i) const {
  if ((*this)[i].kind != Kind::kWord) return std::nullopt;
  const size_t atom = atoms_.first_of(i);
  if (atom >= atoms_.size()) return std::nullopt;
  const auto match = texts_.longest_at(atoms_, atom);
  if (!match) return std::nullopt;
  // "1. The patient ..." counts.
  const bool counts = is_number(words_[i]) && match->end == atom + 1 &&
                      (i == 0 || words_[i - 1].kind == Kind::kBreak) &&
                      is_one_of(i + 1, {".", ")"}) && (*this)[i + 2].kind == Kind::kWord;
  if (counts) return std::nullopt;
  // "I think ..."
  const bool one_word = match->end == atom + 1;
  if (words_[i].text == "I" && one_word && (*this)[i + 1].kind == Kind::kWord) return std::nullopt;
  return Finding{match->letter, i, atoms_.word_after(match->end - 1)};
}

bool ReplyChoices::ends_with_text(size_t i, size_t most_words) const {
  for (size_t back = 1; back <= most_words && back <= i; ++back) {
    const auto text = text_at(i - back);
    if (text && text->end == i) return true;
  }
  return false;
}

std::optional<Finding> ReplyChoices::choice_at(size_t i, bool small_too) const {
  const auto is_sign = [&](size_t k) {  // beyond ASCII: arrows, comparisons
    return words_[k].kind == Kind::kMark && static_cast<unsigned char>(words_[k].text[0]) >= 0x80;
  };
  while (i < size() && (words_[i].kind == Kind::kBreak || is_sign(i) ||
                        is_one_of(i, {"(", "[", "\"", "'", ":", "-", "+", ">", "<", "=", "option",
                                      "choice", "letter", "answer", "statement", "number"}))) {
    // "Option ..." may begin an option's text.
    if (words_[i].kind == Kind::kWord) {
      if (const auto text = text_at(i)) return text;
    }
    ++i;
  }
  const std::optional<char> letter = letter_at(i, small_too);
  const auto by_letter = letter ? choice_by_letter(i, *letter) : std::nullopt;
  const auto text = text_at(i);
  if (!text) return by_letter;
  // The sign of "A-" is the text's own, unless the letter is followed by its own text.
  const bool longer = by_letter && by_letter->end > text->end;
  if (longer && (!by_letter->letter || text_end(*by_letter->letter, i + 1))) return by_letter;
  if (is_one_of(text->end, {"or", "and", "&", "/"})) {
    size_t other = text->end + 1;
    while (is_one_of(other, {"or", "and", "the", "a", "an", "(", "either", "possibly"})) ++other;
    const auto second = text_at(other);
    const bool goes_on = second && is_one_of(second->end, {"is", "are", "was", "were"});
    if (second && second->letter != text->letter && !goes_on) {
      return Finding{std::nullopt, i, second->end};
    }
  }
  return text;
}

std::optional<Finding> ReplyChoices::choice_by_letter(size_t i, char letter) const {
  size_t end = i + 1;
  while ((*this)[end].kind == Kind::kMark && !is_one_of(end, {"(", ",", "&", ";", "/", "+"})) {
    ++end;
  }
  if (const auto end_of_text = text_end(letter, end)) return Finding{letter, i, *end_of_text};
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
    if (second && second != letter && !others_are_denied(other)) {
      return Finding{std::nullopt, i, other + 1};
    }
  }
  return Finding{letter, i, end};
}

bool ReplyChoices::others_are_denied(size_t i) const {
  constexpr size_t kMaxListed = 16;  // a reply that ran into a loop may list letters without end
  const size_t last = i + kMaxListed;
  while (i < last &&
         (letter_at(i, false) || is_one_of(i, {",", "and", "or", "&", "option", "options"}))) {
    ++i;
  }
  if (!is_one_of(i, {"is", "are", "was", "were", "isn't", "aren't", "can", "cannot", "do", "does",
                     "don't", "doesn't"})) {
    return false;
  }
  constexpr size_t kNear = 6;
  for (size_t k = i; k < i + kNear && !ends_sentence(k); ++k) {
    if (is_one_of(k, {"wrong", "incorrect", "not", "isn't", "aren't", "cannot", "don't", "doesn't",
                      "excluded", "false", "normal", "unlikely", "ruled", "distractors"})) {
      return true;
    }
  }
  return false;
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

bool ReplyChoices::is_letter_alone() const {
  return words_.size() == 1 && letter_at(0, true).has_value();
}

std::optional<char> ReplyChoices::number_at(size_t i) const {
  return (*this)[i].kind == Kind::kWord ? texts_.number_at(atoms_, atoms_.first_of(i))
                                        : std::nullopt;
}

std::optional<Finding> ReplyChoices::next_of_list(const Finding& choice) const {
  size_t label = choice.begin;
  while (label > 0 && is_one_of(label - 1, {"option", "choice"})) --label;
  if (!at_line_start(label)) return std::nullopt;
  constexpr size_t kMaxLineWords = 400;
  size_t next = choice.end;
  while (next < choice.end + kMaxLineWords && (*this)[next].kind != Kind::kBreak) ++next;
  while (next < size() && (words_[next].kind != Kind::kWord || is_number(words_[next]))) ++next;
  const std::optional<Finding> other = choice_at(next, false);
  const bool is_other = other && other->letter && other->letter != choice.letter;
  return is_other ? other : std::nullopt;
}

}  // namespace lmc::reading
