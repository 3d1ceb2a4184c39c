#include "reading/letter_mentions.h"

#include <algorithm>
#include <cctype>

#include "base/ascii_case.h"      // lower_case
#include "reading/reply_words.h"  // is_one_of

namespace lmc::reading {

namespace {

enum class Reading { kOption, kOther, kUnclear };

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_cue(std::string_view word) {
  return is_one_of(word, {"option", "options", "choice", "choices", "answer", "answers",
                          "alternative", "alternatives"});
}

// What else is numbered by letters.
bool is_label(std::string_view word) {
  return is_one_of(word, {"panel",       "panels",         "figure",   "figures",   "fig",
                          "image",       "images",         "picture",  "vitamin",   "pictures",
                          "hepatitis",   "influenza",      "type",     "types",     "subtype",
                          "group",       "groups",         "grade",    "class",     "stage",
                          "phase",       "lead",           "factor",   "zone",      "part",
                          "arrow",       "arrows",         "row",      "column",    "patient",
                          "patients",    "case",           "point",    "region",    "segment",
                          "view",        "slide",          "scan",     "subfigure", "label",
                          "labeled",     "pugh",           "labelled", "marked",    "hemophilia",
                          "haemophilia", "immunoglobulin", "weber",    "line",      "stanford",
                          "protein",     "lines",          "curve",    "sample",    "lesion"});
}

// A verb after which the subject was an option ("B is correct", "A would"), never "a".
bool is_verdict(std::string_view word) {
  return is_one_of(word, {"is",     "are",      "was",     "does",      "would",    "can",
                          "cannot", "could",    "may",     "might",     "must",     "has",
                          "fits",   "matches",  "fails",   "describes", "mentions", "states",
                          "names",  "suggests", "implies", "requires",  "seems",    "remains"});
}

// Words between which a letter can only be a clause's subject or its object.
bool is_connective(std::string_view word) {
  return is_one_of(word, {"thus",  "so",      "therefore", "hence", "and",    "but",  "because",
                          "that",  "since",   "while",     "then",  "if",     "only", "making",
                          "which", "whereas", "however",   "nor",   "either", "or",   "although"});
}

class Scanner {
 public:
  Scanner(std::string_view text, const std::map<char, std::string>& options)
      : text_(text), options_(options) {}

  LetterMentions scan() {
    LetterMentions mentions;
    mentions.unclear = counts_options();
    size_t previous = text_.npos;  // the letter before, and how it was read
    Reading before = Reading::kOther;
    for (size_t i = 0; i < text_.size(); ++i) {
      if (options_.count(to_upper(text_[i])) == 0 || !stands_alone(i)) continue;
      Reading reading = is_range(i) ? Reading::kUnclear : read(i);
      // "Options A, B and C": each is what the first is.
      if (previous != text_.npos && is_upper(text_[i]) && joins(previous + 1, i)) reading = before;
      if (reading == Reading::kOption) mentions.places.push_back(i);
      if (reading == Reading::kUnclear) mentions.unclear = true;
      previous = i;
      before = reading;
    }
    return mentions;
  }

 private:
  char at(size_t i) const { return i < text_.size() ? text_[i] : '\n'; }
  char before(size_t i) const { return i > 0 ? text_[i - 1] : '\n'; }

  // Quotation marks and dashes outside ASCII separate words; other characters there are letters.
  bool is_word_char(size_t i) const {
    if (i >= text_.size()) return false;
    const auto byte = static_cast<unsigned char>(text_[i]);
    if (byte < 0x80) return std::isalnum(byte) != 0;
    for (size_t back = 0; back <= 2 && back <= i; ++back) {
      if (text_.substr(i - back, 2) == "\xE2\x80") return false;
      if (back < 2 && text_.substr(i - back, 2) == "\xC2\xA0") return false;
    }
    return true;
  }

  bool stands_alone(size_t i) const {
    if (is_word_char(i + 1) || (i > 0 && is_word_char(i - 1))) return false;
    // "B-cell", "N/A" and "pO2_A" are words; "A/B" and "A-C" are letters, as is "B's".
    const auto joined = [&](char mark, size_t other) {
      if (!is_word_char(other)) return false;
      if (mark == '-' || mark == '/') return !is_lone_letter(other);
      return mark == '_' || (mark == '\'' && at(other) != 's');
    };
    if (joined(at(i + 1), i + 2)) return false;
    return i < 2 || !joined(text_[i - 1], i - 2);
  }

  bool is_lone_letter(size_t i) const {
    return i < text_.size() && options_.count(text_[i]) > 0 && !is_word_char(i + 1) &&
           (i == 0 || !is_word_char(i - 1));
  }

  // One end of "A-C".
  bool is_range(size_t i) const {
    if (!is_upper(text_[i])) return false;
    const bool opens =
        (at(i + 1) == '-' && is_lone_letter(i + 2)) ||
        (i + 4 < text_.size() && text_.substr(i + 1, 2) == "\xE2\x80" && is_lone_letter(i + 4));
    const bool closes = (i >= 2 && text_[i - 1] == '-' && is_lone_letter(i - 2)) ||
                        (i >= 4 && text_.substr(i - 3, 2) == "\xE2\x80" && is_lone_letter(i - 4));
    return opens || closes;
  }

  // Whether only what joins a list stands between two letters.
  bool joins(size_t begin, size_t end) const {
    std::string between;
    for (size_t i = begin; i < end && between.size() < 16; ++i) {
      if (std::string_view("*()[]\"'").find(text_[i]) == std::string_view::npos) {
        between += text_[i];
      }
    }
    return is_one_of(between, {", ", " and ", " or ", "/", ",", " & ", ", and ", ", or ", " nor ",
                               ", nor ", " vs. ", " versus ", " rather than ", ", not ", " / "});
  }

  size_t skip_back(size_t i, std::string_view marks) const {
    while (i > 0 && marks.find(text_[i - 1]) != marks.npos) --i;
    return i;
  }

  std::string word_before(size_t end) const {
    size_t begin = end;
    while (begin > 0 && is_word_char(begin - 1)) --begin;
    return lower_case(text_.substr(begin, end - begin));
  }

  std::string word_after(size_t begin) const {
    if (!is_blank(at(begin))) return {};
    while (is_blank(at(begin))) ++begin;
    size_t end = begin;
    while (is_word_char(end)) ++end;
    return begin < text_.size() ? std::string(text_.substr(begin, end - begin)) : std::string();
  }

  // Bullets and emphasis apart, the first thing of a line.
  bool at_line_start(size_t i) const {
    const size_t start = skip_back(i, " \t*-#>_(");
    return start == 0 || text_[start - 1] == '\n';
  }

  bool at_sentence_start(size_t i) const {
    const size_t start = skip_back(i, " \t*_\"(");
    return start == 0 || std::string_view("\n.!?").find(text_[start - 1]) != std::string_view::npos;
  }

  bool follows_comma(size_t i) const {
    const size_t start = skip_back(i, " \t*");
    return start > 0 && (text_[start - 1] == ',' || text_[start - 1] == ';');
  }

  bool option_text_at(char letter, size_t i) const {
    while (is_blank(at(i)) || at(i) == '*') ++i;
    const std::string_view option = options_.at(letter);
    return i < text_.size() && !option.empty() &&
           lower_case(text_.substr(i, option.size())) == lower_case(option);
  }

  // "Conclusion: effusion B."
  bool option_text_before(char letter, size_t i) const {
    const std::string_view option = options_.at(letter);
    const size_t end = skip_back(i, " \t*_,:(");
    if (end == i || option.empty() || end < option.size()) return false;
    const size_t begin = end - option.size();
    return (begin == 0 || !is_word_char(begin - 1)) &&
           lower_case(text_.substr(begin, option.size())) == lower_case(option);
  }

  bool is_in_open_bracket(size_t i) const {
    while (i > 0 && text_[i - 1] != '\n' && text_[i - 1] != ')') {
      if (text_[--i] == '(') return true;
    }
    return false;
  }

  bool is_wrapped(size_t i) const {
    const char open = before(i), close = at(i + 1);
    return (open == '(' && close == ')') || (open == '[' && close == ']') ||
           (open == '{' && close == '}') || (open == '"' && close == '"') ||
           (open == '*' && close == '*');
  }

  // The word that says what kind of thing the letter at `i` names: "option" in "option **(B)".
  std::string named_by(size_t i, bool& by_colon) const {
    size_t end = skip_back(i, " \t*_\"'([{");
    by_colon = end > 0 && (text_[end - 1] == ':' || text_[end - 1] == '=');
    if (by_colon) end = skip_back(end - 1, " \t*_\"'");
    std::string word = word_before(end);
    if (!by_colon && is_one_of(word, {"is", "was", "be"})) {
      std::string subject = word_before(skip_back(end - word.size(), " \t*_"));
      if (is_cue(subject)) return subject;
    }
    return word;
  }

  Reading read(size_t i) const {
    bool by_colon = false;
    const std::string name = named_by(i, by_colon);
    if (!is_upper(text_[i])) return read_small(i, name);
    const char letter = text_[i];
    const std::string next = word_after(i + 1);
    if (is_cue(name)) {
      // "Answer: A mass" begins with an article.
      const bool may_be_article = letter == 'A' && !next.empty() && is_lower(next[0]) &&
                                  !is_one_of(next, {"and", "or", "because", "since", "is"}) &&
                                  (by_colon || name.starts_with("answer"));
      return may_be_article ? Reading::kUnclear : Reading::kOption;
    }
    if (option_text_before(letter, i) && !is_word_char(i + 2)) return Reading::kOption;
    if (is_label(name) && !by_colon) return is_wrapped(i) ? Reading::kUnclear : Reading::kOther;
    if (is_wrapped(i)) return Reading::kOption;
    if (at(i + 1) == ')') return is_in_open_bracket(i) ? Reading::kUnclear : Reading::kOption;
    if (at(i + 1) == '.' || at(i + 1) == ':') {
      if (option_text_at(letter, i + 2)) return Reading::kOption;
      const std::string heading = word_after(i + 2);
      const bool is_heading = at_line_start(i) && !heading.empty() && !is_lower(heading[0]);
      return is_heading ? Reading::kOption : Reading::kUnclear;
    }
    const bool begins = at_sentence_start(i) || is_connective(name) || follows_comma(i);
    if (begins && is_verdict(next)) return Reading::kOption;
    return is_article(i, letter, next) ? Reading::kOther : Reading::kUnclear;
  }

  // "A large effusion is seen.", "A CT of", "A 45-year-old".
  bool is_article(size_t i, char letter, const std::string& next) const {
    if (letter != 'A' || !at_sentence_start(i) || next.size() < 2) return false;
    if (std::isdigit(static_cast<unsigned char>(next[0])) != 0) return true;
    if (!is_lower(next[0])) return is_upper(next[1]);
    if (next.size() < 3) return false;
    if (next.ends_with("s") && !next.ends_with("ss") && !next.ends_with("us")) return false;
    return !next.ends_with("ly") && !is_verdict(next) && !is_connective(next) &&
           !is_one_of(next, {"not",     "for",       "with",   "from",   "too",       "best",
                             "instead", "rather",    "more",   "less",   "also",      "even",
                             "when",    "where",     "will",   "should", "had",       "did",
                             "showed",  "described", "stated", "here",   "suggested", "through",
                             "matched", "failed",    "alone",  "above",  "below",     "versus"});
  }

  Reading read_small(size_t i, const std::string& name) const {
    const bool ends = word_after(i + 1).empty();
    if (is_one_of(name, {"option", "choice"})) return ends ? Reading::kOption : Reading::kUnclear;
    if (is_cue(name)) return ends || text_[i] != 'a' ? Reading::kUnclear : Reading::kOther;
    return at(i + 1) == ')' ? Reading::kUnclear : Reading::kOther;
  }

  // "The second option", "choice 3": an order that will not be the same.
  bool counts_options() const {
    const auto is_ordinal = [](std::string_view word) {
      return is_one_of(word, {"first", "second", "third", "fourth", "fifth", "last", "1st", "2nd",
                              "3rd", "4th"});
    };
    std::string last, earlier;
    for (size_t i = 0; i < text_.size();) {
      if (!is_word_char(i)) {
        ++i;
        continue;
      }
      size_t end = i;
      while (is_word_char(end)) ++end;
      const std::string word = lower_case(text_.substr(i, end - i));
      const bool is_option = is_one_of(
          word, {"option", "options", "choice", "choices", "alternative", "alternatives"});
      if (is_option && (is_ordinal(last) || (last == "answer" && is_ordinal(earlier)))) return true;
      const bool is_number = std::isdigit(static_cast<unsigned char>(word[0])) != 0 ||
                             is_one_of(word, {"one", "two", "three", "four"});
      if (is_number && is_one_of(last, {"option", "choice"})) return true;
      earlier = last;
      last = word;
      i = end;
    }
    return false;
  }

  std::string_view text_;
  const std::map<char, std::string>& options_;
};

}  // namespace

LetterMentions letter_mentions(std::string_view text, const std::map<char, std::string>& options) {
  return Scanner(text, options).scan();
}

std::string with_letters(std::string text, const std::vector<size_t>& places,
                         const std::map<char, char>& renamed) {
  for (const size_t place : places) {
    const char letter = renamed.at(to_upper(text[place]));
    text[place] = is_lower(text[place]) ? lower_case(letter) : letter;
  }
  return text;
}

}  // namespace lmc::reading
