#include "prompt/reply_words.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <utility>

#include "prompt/chat_pieces.h"      // kThinkStart, kThinkEnd
#include "prompt/reply_languages.h"  // in_english, phrase_at, plain_character, look_alike
#include "text/unicode.h"            // decode_utf8, encode_utf8

namespace lmc::prompt {

namespace {

// Marks and their plain forms. Ticks and crosses are verdicts.
constexpr std::pair<std::u32string_view, std::string_view> kPlainForms[] = {
    {U"\u3002", "."},    // ideographic full stop and comma
    {U"\u3001", ","},    //
    {U"\u3010", "("},    // lenticular and corner brackets
    {U"\u3011", ")"},    //
    {U"\u300C", "\""},   //
    {U"\u300D", "\""},   //
    {U"\u2018", "'"},    // single quotation marks
    {U"\u2019", "'"},    //
    {U"\u201C", "\""},   // double quotation marks
    {U"\u201D", "\""},   //
    {U"\u00AB", "\""},   //
    {U"\u00BB", "\""},   //
    {U"\u2013", " - "},  // dashes
    {U"\u2014", " - "},  //
    {U"\u2192", ": "},   // arrow
    {U"\u2022", " - "},  // bullet
    {U"\u2705", " correct "},
    {U"\u2713", " correct "},
    {U"\u2714", " correct "},
    {U"\u2611", " correct "},
    {U"\u274C", " incorrect "},
    {U"\u274E", " incorrect "},
    {U"\u2717", " incorrect "},
    {U"\u2718", " incorrect "},
    {U"\u2716", " incorrect "},
    {U"{", "("},  // LaTeX groups
    {U"}", ")"},  //
    {U"\\boxed", "\nAnswer: "},
    {U"<answer>", "\nAnswer: "},
    {U"</answer>", "\n"},
};

// Whether one of kPlainForms or a LaTeX command may begin with this character: most do not.
bool begins_form(char32_t c) {
  return c >= 0x80 || c == U'{' || c == U'}' || c == U'\\' || c == U'<';
}

bool is_ascii_letter(char32_t c) {
  return c < 0x80 && std::isalpha(static_cast<unsigned char>(c)) != 0;
}

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

bool is_space(char32_t c) {
  return c == U' ' || (c >= 0x09 && c <= 0x0D) || c == 0xA0 || (c >= 0x2000 && c <= 0x200B) ||
         c == 0x202F || c == 0x3000 || c == 0xFEFF;
}

// Pictures, arrows and mathematical signs are marks; all else beyond ASCII writes words.
bool is_word_char(char32_t c) {
  if (c < 0x80) return is_ascii_letter(c) || is_digit(c);
  return !is_space(c) && !(c >= 0x2010 && c <= 0x2BFF && !(c >= 0x2070 && c <= 0x209F)) &&
         !(c >= 0x3001 && c <= 0x303F) && !(c >= 0xFE00 && c <= 0xFE0F) &&
         !(c >= 0x1F000 && c <= 0x1FAFF);
}

// Markdown emphasis, headings, quotes and LaTeX wrapping say nothing about the words they wrap.
std::u32string plain(std::u32string_view text) {
  std::u32string result;
  result.reserve(text.size());
  const auto add = [&](std::string_view ascii) { result.append(ascii.begin(), ascii.end()); };
  for (size_t i = 0; i < text.size();) {
    const std::u32string_view rest = text.substr(i);
    const char32_t c = rest[0];
    if (!begins_form(c)) {
      if (std::u32string_view(U"*_`#$~\r").find(c) == std::u32string_view::npos) result += c;
      ++i;
      continue;
    }
    if (const char32_t shaped = plain_character(c); shaped != c) {
      // Shapes in rings and boxes stand apart, those of another width may make a word.
      const bool apart = c < 0xFF00 || c >= 0x1F000;
      if (apart) result += U' ';
      result += shaped;
      if (apart) result += U' ';
      ++i;
      continue;
    }
    const auto* form = std::find_if(std::begin(kPlainForms), std::end(kPlainForms),
                                    [&](const auto& f) { return rest.starts_with(f.first); });
    if (form != std::end(kPlainForms)) {
      add(form->second);
      i += form->first.size();
    } else if (c == U'\\') {  // a command such as \text, or an escaped mark
      ++i;
      while (i < text.size() && is_ascii_letter(text[i])) ++i;
    } else if (const Phrase phrase = c >= 0x3040 ? phrase_at(rest) : Phrase{}; phrase.length > 0) {
      add(phrase.english);
      i += phrase.length;
    } else {
      result += c;
      ++i;
    }
  }
  return result;
}

ReplyWord word_of(std::u32string_view written) {
  const char look = written.size() == 1 ? look_alike(written[0]) : 0;
  if (look != 0) {
    const std::string letter(1, look);
    return {ReplyWord::Kind::kWord, letter, text::encode_utf8(lower_word(written)), true};
  }
  const std::string text = text::encode_utf8(written);
  const std::string lower = text::encode_utf8(lower_word(written));
  // Short words in capitals are abbreviations: "PAS" is a stain, "LA" an atrium.
  const bool abbreviation =
      written.size() <= 3 &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return {ReplyWord::Kind::kWord, text, std::string(abbreviation ? lower : in_english(lower)),
          false};
}

}  // namespace

std::vector<ReplyWord> reply_words(std::string_view reply) {
  const std::u32string text = plain(text::decode_utf8(reply));
  std::vector<ReplyWord> words;
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    if (is_unspaced(text[i])) {
      words.push_back(word_of(std::u32string_view(text).substr(i++, 1)));
    } else if (is_word_char(text[i])) {
      const bool latin = text[i] < 0x1000;
      const auto goes_on = [&](size_t at) {
        return at < text.size() && is_word_char(text[at]) && !is_unspaced(text[at]) &&
               (text[at] < 0x1000) == latin;
      };
      const auto joins = [&](size_t at) {
        return std::u32string_view(U"'-/.").find(text[at]) != std::u32string_view::npos &&
               goes_on(at + 1) && (text[at] != U'.' || is_digit(text[at + 1]));
      };
      while (i < text.size() && (goes_on(i) || joins(i))) ++i;
      words.push_back(word_of(std::u32string_view(text).substr(begin, i - begin)));
    } else if (text[i] == U'\n') {
      size_t lines = 0;
      for (; i < text.size() && is_space(text[i]); ++i) lines += text[i] == U'\n' ? 1 : 0;
      const std::string mark = lines > 1 ? "\n\n" : "\n";
      words.push_back({ReplyWord::Kind::kBreak, mark, mark, false});
    } else {
      ++i;
      if (is_space(text[begin]) || text[begin] >= 0x1F000 ||
          (text[begin] >= 0xFE00 && text[begin] <= 0xFE0F)) {
        continue;
      }
      const std::string mark = text::encode_utf8(std::u32string_view(text).substr(begin, 1));
      words.push_back({ReplyWord::Kind::kMark, mark, mark, false});
    }
  }
  return words;
}

bool is_answer_line(std::string_view line) {
  const std::vector<ReplyWord> words = reply_words(line);
  size_t i = 0;
  const auto is_one_of = [&](std::initializer_list<std::string_view> list) {
    return i < words.size() && std::find(list.begin(), list.end(), words[i].lower) != list.end();
  };
  while (is_one_of({"\n", "\n\n", "the", "final", "correct", "my", "best", "-", ">"})) ++i;
  return i + 1 < words.size() && words[i].is("answer") && words[i + 1].is(":");
}

std::string without_thinking(std::string_view reply) {
  const size_t closed = reply.rfind(kThinkEnd);
  if (closed != reply.npos) reply.remove_prefix(closed + kThinkEnd.size());
  const size_t open = reply.find(kThinkStart);
  if (open == reply.npos) return std::string(reply);
  std::string rest(reply.substr(0, open));
  const size_t answer = reply.find("<answer>", open);
  if (answer != reply.npos) rest += reply.substr(answer);
  return rest;
}

}  // namespace lmc::prompt
