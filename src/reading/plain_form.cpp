#include "reading/plain_form.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

#include "reading/reply_languages.h"  // phrase_at, plain_character

namespace lmc::reading {

namespace {

using Form = std::pair<std::u32string_view, std::u32string_view>;

// What reads in another way. Longer ones before those they begin with.
constexpr Form kForms[] = {
    {U"\u3002", U"."},    // ideographic full stop and comma
    {U"\u3001", U","},    //
    {U"\u3010", U"("},    // lenticular and corner brackets
    {U"\u3011", U")"},    //
    {U"\u300C", U"\""},   //
    {U"\u300D", U"\""},   //
    {U"\u2018", U"'"},    // single quotation marks
    {U"\u2019", U"'"},    //
    {U"\u201C", U"\""},   // double quotation marks
    {U"\u201D", U"\""},   //
    {U"\u00AB", U"\""},   //
    {U"\u00BB", U"\""},   //
    {U"\u2010", U"-"},    // hyphens and the minus
    {U"\u2011", U"-"},    //
    {U"\u2212", U"-"},    //
    {U"\uFE63", U"-"},    //
    {U"\u207A", U"+"},    // superscript and subscript signs
    {U"\u207B", U"-"},    //
    {U"\u208A", U"+"},    //
    {U"\u208B", U"-"},    //
    {U"\u2014", U" - "},  // dash
    {U"\u2022", U" - "},  // bullet
    {U"\u2103", U"\u00B0C"},
    {U"\u2109", U"\u00B0F"},
    {U"\u2033", U"\u2032\u2032"},  // primes
    {U"\u2034", U"\u2032\u2032\u2032"},
    {U"\u2267", U"\u2265"},  // at least
    {U"\u2A7E", U"\u2265"},
    {U">=", U"\u2265"},
    {U"\u2266", U"\u2264"},  // at most
    {U"\u2A7D", U"\u2264"},
    {U"<=", U"\u2264"},
    {U"+/-", U"\u00B1"},
    {U"-->", U"\u2192"},
    {U"->", U"\u2192"},
    {U"=>", U"\u2192"},
    {U"\u21D2", U"\u2192"},
    {U"\u27A1", U"\u2192"},
    {U"\u2794", U"\u2192"},
    {U"\u21D1", U"\u2191"},
    {U"\u2B06", U"\u2191"},
    {U"\u21D3", U"\u2193"},
    {U"\u2B07", U"\u2193"},
    {U"\u2705", U" correct "},  // ticks and crosses are verdicts
    {U"\u2713", U" correct "},
    {U"\u2714", U" correct "},
    {U"\u2611", U" correct "},
    {U"\u274C", U" incorrect "},
    {U"\u274E", U" incorrect "},
    {U"\u2717", U" incorrect "},
    {U"\u2718", U" incorrect "},
    {U"\u2716", U" incorrect "},
    {U"{", U"("},  // LaTeX groups
    {U"}", U")"},  //
    {U"\\boxed", U"\nAnswer: "},
    {U"<answer>", U"\nAnswer: "},
    {U"</answer>", U"\n"},
    {U"<sub>", U""},
    {U"</sub>", U""},
    {U"</sup>", U""},
    {U"&lt;", U"<"},
    {U"&gt;", U">"},
    {U"&le;", U"\u2264"},
    {U"&ge;", U"\u2265"},
    {U"&amp;", U"&"},
    {U"&uarr;", U"\u2191"},
    {U"&darr;", U"\u2193"},
};

// LaTeX commands that are signs; all others only wrap.
constexpr Form kCommands[] = {
    {U"geq", U"\u2265"},
    {U"geqslant", U"\u2265"},
    {U"ge", U"\u2265"},
    {U"leq", U"\u2264"},
    {U"leqslant", U"\u2264"},
    {U"le", U"\u2264"},
    {U"gt", U">"},
    {U"lt", U"<"},
    {U"uparrow", U"\u2191"},
    {U"downarrow", U"\u2193"},
    {U"Uparrow", U"\u2191"},
    {U"Downarrow", U"\u2193"},
    {U"rightarrow", U"\u2192"},
    {U"to", U"\u2192"},
    {U"leftarrow", U"\u2190"},
    {U"leftrightarrow", U"\u2194"},
    {U"pm", U"\u00B1"},
    {U"times", U"\u00D7"},
    {U"approx", U"\u2248"},
    {U"sim", U"\u2248"},
    {U"circ", U"\u00B0"},
    {U"degree", U"\u00B0"},
    {U"prime", U"\u2032"},
    {U"neq", U"\u2260"},
    {U"alpha", U"\u03B1"},
    {U"beta", U"\u03B2"},
    {U"gamma", U"\u03B3"},
    {U"delta", U"\u03B4"},
    {U"Delta", U"\u0394"},
    {U"epsilon", U"\u03B5"},
    {U"zeta", U"\u03B6"},
    {U"kappa", U"\u03BA"},
    {U"lambda", U"\u03BB"},
    {U"mu", U"\u03BC"},
    {U"sigma", U"\u03C3"},
    {U"tau", U"\u03C4"},
    {U"omega", U"\u03C9"},
};

constexpr std::u32string_view kRoman[] = {U"I",   U"II",   U"III", U"IV", U"V",  U"VI",
                                          U"VII", U"VIII", U"IX",  U"X",  U"XI", U"XII",
                                          U"L",   U"C",    U"D",   U"M"};

constexpr std::u32string_view kSuperscripts =
    U"\u2070\u00B9\u00B2\u00B3\u2074\u2075\u2076\u2077"
    U"\u2078\u2079";

// Runs of numbers in circles and brackets: the first code point, the last, and its number.
struct Numbers {
  char32_t first, last, number;
};
constexpr Numbers kNumbers[] = {
    {0x2460, 0x2473, 1}, {0x2474, 0x2487, 1}, {0x2488, 0x249B, 1}, {0x24EB, 0x24F4, 11},
    {0x24F5, 0x24FE, 1}, {0x2776, 0x277F, 1}, {0x2780, 0x2789, 1}, {0x278A, 0x2793, 1},
};

// Whether anything below may begin with this character: most do not.
bool begins_form(char32_t c) {
  return c >= 0x80 || std::u32string_view(U"{}\\<>=+-&^_").find(c) != std::u32string_view::npos;
}

bool is_ascii_letter(char32_t c) {
  return c < 0x80 && std::isalpha(static_cast<unsigned char>(c)) != 0;
}

// Commands that shape a group of letters and say nothing else.
constexpr std::u32string_view kShapes[] = {U"text",   U"mathrm", U"mathbf", U"mathit",
                                           U"textbf", U"textit", U"textrm", U"mathsf"};

constexpr std::u32string_view kRaise = U"<sup>";

bool is_superscript(char32_t c) { return kSuperscripts.find(c) != kSuperscripts.npos; }

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

std::u32string number_text(char32_t number) {
  std::u32string text;
  if (number >= 10) text += U'0' + number / 10;
  text += U'0' + number % 10;
  return text;
}

// A character that stands for a number or for letters, as these.
std::u32string spelled(char32_t c) {
  for (const Numbers& run : kNumbers) {
    if (c >= run.first && c <= run.last) {
      return U" " + number_text(run.number + (c - run.first)) + U" ";
    }
  }
  if (c >= 0x2160 && c <= 0x216F) return std::u32string(kRoman[c - 0x2160]);
  if (c >= 0x2170 && c <= 0x217F) {
    std::u32string text(kRoman[c - 0x2170]);
    for (char32_t& letter : text) letter += 32;
    return text;
  }
  if (c >= 0x2080 && c <= 0x2089) return std::u32string(1, U'0' + (c - 0x2080));
  return {};
}

// Collects the plain text; knows what stands at its end.
class PlainText {
 public:
  explicit PlainText(std::u32string_view text) : text_(text) { result_.reserve(text.size()); }

  std::u32string take() {
    while (at_ < text_.size()) step();
    // The C of "37 \u00B0 C" is no letter of an option.
    for (const std::u32string_view degree : {U"\u00B0 C", U"\u00B0 F"}) {
      for (size_t i = 0; (i = result_.find(degree, i)) != result_.npos; ++i) {
        const bool is_unit = i + 3 >= result_.size() || !is_word_char(result_[i + 3]);
        if (is_unit) result_.erase(i + 1, 1);
      }
    }
    return std::move(result_);
  }

 private:
  void step() {
    const std::u32string_view rest = text_.substr(at_);
    const char32_t c = rest[0];
    if (!begins_form(c)) {
      const bool about = c == U'~' && rest.size() > 1 && is_digit(rest[1]) && last() != U'~';
      if (about) {
        result_ += U'\u2248';
      } else if (std::u32string_view(U"*_`#$~\r").find(c) == std::u32string_view::npos) {
        result_ += c;
      }
      ++at_;
      return;
    }
    const char32_t shaped = plain_character(c);
    if (shaped != c) return shape(c, shaped);
    if (c == U'_') {
      ++at_;
      return group();
    }
    if (c == U'^') return raise(1);
    if (rest.starts_with(kRaise)) return raise(kRaise.size());
    // "10\u207B\u2075" is 10^-5; "CD4\u207B" is CD4-.
    const bool raised_sign = c == 0x207A || c == 0x207B;
    if (raised_sign && is_digit(last()) && rest.size() > 1 && is_superscript(rest[1])) {
      result_ += U'^';
    }
    if (const size_t digit = kSuperscripts.find(c); digit != kSuperscripts.npos) {
      // "10\u00B2" is no 102; "Ca\u00B2" and "CO\u2082" are written Ca2 and CO2 as well.
      const bool begins = at_ == 0 || !is_superscript(text_[at_ - 1]);
      if (is_digit(last()) && begins) result_ += U'^';
      result_ += U'0' + static_cast<char32_t>(digit);
      ++at_;
      return;
    }
    if (const std::u32string text = spelled(c); !text.empty()) return add(text, 1);
    if (c == 0x2013) {  // an en dash: a range, or a dash
      const bool joins =
          rest.size() > 1 && is_word_char(rest[1]) && at_ > 0 && is_word_char(text_[at_ - 1]);
      return add(joins ? U"-" : U" - ", 1);
    }
    const auto* form = std::find_if(std::begin(kForms), std::end(kForms),
                                    [&](const Form& f) { return rest.starts_with(f.first); });
    if (form != std::end(kForms)) return add(form->second, form->first.size());
    if (c == U'\\') return command(rest);
    if (const Phrase phrase = c >= 0x3040 ? phrase_at(rest) : Phrase{}; phrase.length > 0) {
      const std::string_view english = phrase.english;
      return add(std::u32string(english.begin(), english.end()), phrase.length);
    }
    result_ += c;
    ++at_;
  }

  char32_t last() const { return result_.empty() ? U' ' : result_.back(); }

  void add(std::u32string_view text, size_t length) {
    result_ += text;
    at_ += length;
  }

  void shape(char32_t c, char32_t shaped) {
    // Shapes in rings and boxes stand apart, those of another width may make a word.
    const bool apart = c < 0xFF00 || c >= 0x1F000;
    if (apart) result_ += U' ';
    result_ += shaped;
    if (apart) result_ += U' ';
    ++at_;
  }

  // What is raised, behind a mark of `length`: "m^2" is m2, "10^5" keeps its sign, "CD4^+" is CD4+.
  void raise(size_t length) {
    at_ += length;
    std::u32string_view what = text_.substr(at_);
    if (what.starts_with(U'{')) what.remove_prefix(1);
    const bool has_sign = !what.empty() && (what[0] == U'+' || what[0] == U'-' ||
                                            what[0] == 0x2212 || what[0] == 0x2013);
    const bool lone_sign = has_sign && (what.size() < 2 || !is_digit(what[1]));
    if (is_digit(last()) && !lone_sign && !what.starts_with(U"\\circ")) result_ += U'^';
    group();
  }

  // A short group at the place is taken out of its braces.
  void group() {
    constexpr size_t kMaxGroupLength = 12;
    const std::u32string_view rest = text_.substr(at_);
    if (!rest.starts_with(U'{')) return;
    const size_t close = rest.find(U'}');
    if (close == rest.npos || close > kMaxGroupLength) return;
    const std::u32string_view inside = rest.substr(1, close - 1);
    if (inside.find(U'{') != inside.npos) return;
    result_ += plain_form(inside);
    at_ += close + 1;
  }

  void command(std::u32string_view rest) {
    size_t end = 1;
    while (end < rest.size() && is_ascii_letter(rest[end])) ++end;
    const std::u32string_view name = rest.substr(1, end - 1);
    const auto* sign = std::find_if(std::begin(kCommands), std::end(kCommands),
                                    [&](const Form& f) { return f.first == name; });
    add(sign == std::end(kCommands) ? std::u32string_view() : sign->second, end);
    const auto* shape = std::find(std::begin(kShapes), std::end(kShapes), name);
    if (shape != std::end(kShapes)) shaped_group();
  }

  // The braces of "\mathrm{CO}_2" only wrap; where a word touches them they part it from the rest.
  void shaped_group() {
    constexpr size_t kMaxGroupLength = 64;
    const std::u32string_view rest = text_.substr(at_);
    if (!rest.starts_with(U'{') || is_word_char(last())) return;
    size_t close = 1;
    for (int depth = 1; close < rest.size() && close < kMaxGroupLength; ++close) {
      if (rest[close] == U'{') ++depth;
      if (rest[close] == U'}' && --depth == 0) break;
    }
    if (close >= rest.size() || rest[close] != U'}' || close == kMaxGroupLength) return;
    if (close + 1 < rest.size() && is_ascii_letter(rest[close + 1])) return;
    result_ += plain_form(rest.substr(1, close - 1));
    at_ += close + 1;
  }

  std::u32string_view text_;
  std::u32string result_;
  size_t at_ = 0;
};

}  // namespace

bool is_blank_char(char32_t c) {
  return c == U' ' || (c >= 0x09 && c <= 0x0D) || c == 0xA0 || (c >= 0x2000 && c <= 0x200B) ||
         c == 0x202F || c == 0x3000 || c == 0xFEFF;
}

// Images, arrows and mathematical signs are marks; all else beyond ASCII writes words.
bool is_word_char(char32_t c) {
  if (c < 0x80) return is_ascii_letter(c) || is_digit(c);
  const bool is_sign =
      c >= 0x2010 && c <= 0x2BFF && !(c >= 0x2070 && c <= 0x209F) && !(c >= 0x2126 && c <= 0x218F);
  return !is_blank_char(c) && !is_sign && c != 0xB1 && c != 0xBF && c != 0xA1 &&
         !(c >= 0x3001 && c <= 0x303F) && !(c >= 0xFE00 && c <= 0xFE0F) &&
         !(c >= 0x1F000 && c <= 0x1FAFF);
}

std::u32string plain_form(std::u32string_view text) { return PlainText(text).take(); }

}  // namespace lmc::reading
