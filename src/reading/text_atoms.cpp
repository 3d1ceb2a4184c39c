#include "reading/text_atoms.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "text/unicode.h"  // decode_utf8, encode_utf8

namespace lmc::reading {

namespace {

using Kind = ReplyWord::Kind;

// Marks that order words and say nothing about them.
bool is_punctuation(std::string_view mark) {
  return is_one_of(mark, {".",
                          ",",
                          ";",
                          ":",
                          "!",
                          "?",
                          "(",
                          ")",
                          "[",
                          "]",
                          "\"",
                          "|",
                          "/",
                          "\\",
                          "&",
                          "@",
                          "\xE2\x80\xA6",
                          "\xE2\x84\xA2",
                          "\xC2\xB7",
                          "\xC2\xBF",
                          "\xC2\xA1"});
}

// Marks with which lists are written: square, disc, ring, diamond in their sizes.
bool is_bullet(std::string_view mark) {
  return is_one_of(mark, {"-", "+", ">", "\xE2\x86\x92", "\xE2\x97\x8F", "\xE2\x97\x8B",
                          "\xE2\x97\xA6", "\xE2\x96\xAA", "\xE2\x96\xAB", "\xE2\x96\xA0",
                          "\xE2\x96\xA1", "\xE2\x97\x86", "\xE2\x97\x87", "\xE2\x80\xA3"});
}

bool is_comparison(std::string_view mark) {
  return is_one_of(
      mark, {"<", ">", "\xE2\x89\xA4", "\xE2\x89\xA5", "\xE2\x89\x88", "\xC2\xB1", "\xE2\x89\xA0"});
}

constexpr std::array<std::string_view, 25> kGreek = {
    "alpha", "beta",   "gamma",   "delta", "epsilon", "zeta",    "eta",  "theta", "iota",
    "kappa", "lambda", "mu",      "nu",    "xi",      "omicron", "pi",   "rho",   "sigma",
    "sigma", "tau",    "upsilon", "phi",   "chi",     "psi",     "omega"};

bool is_greek(char32_t c) {
  return (c >= 0x391 && c <= 0x3A9) || (c >= 0x3B1 && c <= 0x3C9) || c == 0xB5;
}

bool is_number_char(char32_t c) { return (c >= U'0' && c <= U'9') || c == U'.' || c == U'/'; }

std::string_view name_of_greek(char32_t c) {
  if (c == 0xB5) return "mu";
  return kGreek[c >= 0x3B1 ? c - 0x3B1 : c - 0x391];
}

// What stands between two words, and whose it is.
struct Gap {
  std::string all, trail, lead;
  bool breaks = false, stops = false;
};

// The marks from word `left` (npos: none) to word `right` (the size: none).
class GapReader {
 public:
  GapReader(const std::vector<ReplyWord>& words, size_t left, size_t right, TextAtoms::Of whose)
      : words_(words), right_(right), whose_(whose) {
    on_line_ = left != std::string::npos;
    touches_left_ = on_line_;
    first_ = on_line_ ? left + 1 : 0;
  }

  Gap read() {
    for (size_t i = first_; i < right_; ++i) {
      const ReplyWord& mark = words_[i];
      if (mark.kind == Kind::kBreak) {
        gap_.breaks = true;
        gap_.lead.clear();
        on_line_ = touches_left_ = false;
        continue;
      }
      if (mark.apart) touches_left_ = false;
      if (is_punctuation(mark.text)) {
        gap_.stops = gap_.stops || is_one_of(mark.text, {".", "!", "?", ";"});
        touches_left_ = touches_left_ && is_one_of(mark.text, {"(", "["});
        follows_mark_ = true;
      } else {
        sign(i);
      }
    }
    return gap_;
  }

 private:
  bool is_option() const { return whose_ == TextAtoms::Of::kOption; }

  bool touches_right(size_t i) const {
    for (size_t k = i + 1; k <= right_; ++k) {
      if (k == words_.size() || words_[k].apart) return false;
      if (k < right_ && is_punctuation(words_[k].text)) return false;
    }
    return true;
  }

  bool before_number() const {
    if (right_ >= words_.size()) return false;
    const char first = words_[right_].text[0];
    return first >= '0' && first <= '9';
  }

  // No word of the same clause follows: "ER -, PR +", "(-)".
  bool ends_clause(size_t i) const {
    size_t next = i + 1;  // after all signs: "(+++)"
    while (next < words_.size() && words_[next].kind == Kind::kMark &&
           !is_punctuation(words_[next].text)) {
      ++next;
    }
    if (next == words_.size() || words_[next].kind == Kind::kBreak) return true;
    return is_one_of(words_[next].text, {",", ";", ".", ")", "]", "/", "|"});
  }

  // "The answer is \u2193 FEV1": no finding that the sign could belong to.
  bool follows_small_word(size_t i) const {
    return i > 0 && is_one_of(words_[i - 1].lower, {"is", "are", "be", "and", "or", "with", "the",
                                                    "a", "shows", "show", "expect", "of", "both"});
  }

  bool starts_line(size_t i) const { return i == 0 || words_[i - 1].kind == Kind::kBreak; }

  void trail(std::string_view text) {
    gap_.all += text;
    gap_.trail += text;
  }
  void lead(std::string_view text) {
    gap_.all += text;
    gap_.lead += text;
  }

  void sign(size_t i) {
    const std::string_view text = words_[i].text;
    if (text == "'" || text == "\xE2\x80\xB2") {  // a prime, unless it closes a quotation
      if (touches_left_ && (text != "'" || !is_quoted(i))) trail("\xE2\x80\xB2");
      return;
    }
    if (touches_left_) return trail(text);
    if (!is_option() && starts_line(i) && is_bullet(text) && words_.size() > i + 1 &&
        words_[i + 1].apart) {
      if (before_number() && is_one_of(text, {"-", "+", ">"})) lead(kUnclearSign);
      return;
    }
    if (text == "-" || text == "+") return plus_or_minus(i, text);
    if (text == "=") {
      gap_.all += text;
    } else if (text == "\xE2\x86\x92") {
      if (on_line_ && ends_clause(i)) {
        trail(text);
      } else {
        gap_.all += text;  // it points to what follows
      }
    } else if (on_line_ && ends_clause(i)) {
      trail(text);
    } else if (touches_right(i) || is_comparison(text) || !on_line_ || follows_mark_ ||
               follows_small_word(i)) {
      lead(text);
    } else {
      trail(text);
    }
  }

  void plus_or_minus(size_t i, std::string_view text) {
    const bool after_colon = i > 0 && is_one_of(words_[i - 1].text, {":", "=", "("});
    if (ends_clause(i) && on_line_) {  // "HER2 (+)"
      trail(text);
    } else if (ends_clause(i)) {  // "(+) HER2"
      lead(text);
    } else if (touches_right(i)) {
      if (before_number() || text == "+") lead(text);
    } else if (before_number() && (after_colon || (!on_line_ && is_option()))) {
      lead(text);
    } else if (text == "+") {
      gap_.all += text;
    } else if (before_number() && !is_option()) {
      lead(kUnclearSign);
    }
  }

  // Whether a quotation that began before is closed by the mark at `i`.
  bool is_quoted(size_t i) const {
    constexpr size_t kNear = 200;
    bool open = false;
    for (size_t k = i > kNear ? i - kNear : 0; k < i; ++k) {
      if (words_[k].kind == Kind::kBreak) open = false;
      if (words_[k].text != "'") continue;
      const bool opens =
          words_[k].apart || k == 0 || is_one_of(words_[k - 1].text, {"(", "[", "\""});
      open = opens || (open && words_[k].apart);
    }
    return open;
  }

  const std::vector<ReplyWord>& words_;
  size_t first_ = 0, right_ = 0;
  TextAtoms::Of whose_;
  bool on_line_ = false;       // a word stands before in this line
  bool touches_left_ = false;  // nothing but signs stands between it and the mark
  bool follows_mark_ = false;  // a comma, a colon and the like was read
  Gap gap_;
};

// The parts of a word: cut at hyphens, about Greek letters, and between a number and its unit.
std::vector<TextAtom> atoms_of(const ReplyWord& word) {
  const std::u32string written = text::decode_utf8(word.look_alike ? word.lower : word.text);
  const std::u32string lower = text::decode_utf8(word.lower);
  // A word that was put into English has other letters than the text.
  const bool is_whole = written.size() != lower.size();
  std::vector<TextAtom> atoms;
  const auto is_cut = [&](size_t i) {
    if (i == 0) return false;
    // "5cm" is "5 cm", "37°C" is "37 °C".
    const bool ends_number =
        is_number_char(written[i - 1]) && !is_number_char(written[i]) &&
        std::all_of(written.begin(), written.begin() + static_cast<long>(i), is_number_char);
    return ends_number || is_greek(written[i]) || is_greek(written[i - 1]);
  };
  if (is_whole) {
    atoms.push_back({word.lower, word.text, "", "", ""});
    return atoms;
  }
  bool next = true;
  for (size_t i = 0; i < written.size(); ++i) {
    if (written[i] == U'-') {
      next = true;
      continue;
    }
    // "beta2" is "beta-2".
    const bool ends_name =
        !next && written[i] >= U'0' && written[i] <= U'9' &&
        std::find(kGreek.begin(), kGreek.end(), atoms.back().folded) != kGreek.end();
    if (next || ends_name || is_cut(i)) {
      TextAtom atom;
      atom.joined = !atoms.empty();
      if (next && atom.joined) atom.gap = "-";
      atoms.push_back(std::move(atom));
      next = false;
    }
    TextAtom& atom = atoms.back();
    text::append_utf8(atom.written, written[i]);
    if (is_greek(lower[i])) {
      atom.folded += name_of_greek(lower[i]);
    } else if (lower[i] != U'\'') {
      text::append_utf8(atom.folded, lower[i]);
    }
  }
  return atoms;
}

}  // namespace

TextAtoms::TextAtoms(const std::vector<ReplyWord>& words, Of whose) {
  first_of_.assign(words.size() + 1, 0);
  size_t left = std::string::npos;
  size_t known = 0;  // words whose first atom is known
  for (size_t i = 0; i <= words.size(); ++i) {
    if (i < words.size() && words[i].kind != Kind::kWord) continue;
    const Gap gap = GapReader(words, left, i, whose).read();
    if (!atoms_.empty()) atoms_.back().trail = gap.trail;
    for (; known <= i; ++known) first_of_[known] = atoms_.size();
    if (i == words.size()) break;
    std::vector<TextAtom> atoms = atoms_of(words[i]);
    if (!atoms.empty()) {
      atoms[0].gap = gap.all;
      atoms[0].lead = gap.lead;
      atoms[0].breaks = gap.breaks;
      atoms[0].stops = gap.stops;
    }
    for (TextAtom& atom : atoms) {
      atoms_.push_back(std::move(atom));
      word_of_.push_back(i);
    }
    left = i;
  }
}

}  // namespace lmc::reading
