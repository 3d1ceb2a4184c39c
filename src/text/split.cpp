#include "text/split.h"

#include "text/unicode.h"  // char_classes

namespace lmc::text {

const std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

namespace {

// Reads with a sentinel past the end, so that no rule has to ask for the length.
struct Reader {
  std::u32string_view text;
  const std::vector<CharClass>& classes = char_classes();

  char32_t at(size_t i) const { return i < text.size() ? text[i] : U'\0'; }
  bool has(size_t i) const { return i < text.size(); }
  bool letter(size_t i) const { return has(i) && classes[text[i]] == CharClass::kLetter; }
  bool number(size_t i) const { return has(i) && classes[text[i]] == CharClass::kNumber; }
  bool space(size_t i) const { return has(i) && classes[text[i]] == CharClass::kSpace; }
  bool other(size_t i) const { return has(i) && classes[text[i]] == CharClass::kOther; }
  bool line_break(size_t i) const { return has(i) && (text[i] == U'\r' || text[i] == U'\n'); }
};

char32_t fold(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c + 32;
  return c == U'\u017F' ? U's' : c;  // the long s folds to s; no other letter here has such a twin
}

// 's 't 're 've 'm 'll 'd in either case; 0 when there is none.
size_t contraction(const Reader& reader, size_t i) {
  if (reader.at(i) != U'\'') return 0;
  const char32_t first = fold(reader.at(i + 1));
  if (first == U's' || first == U't' || first == U'm' || first == U'd') return 2;
  const char32_t second = fold(reader.at(i + 2));
  const bool two = (first == U'r' && second == U'e') || (first == U'v' && second == U'e') ||
                   (first == U'l' && second == U'l');
  return two ? 3 : 0;
}

size_t whitespace(const Reader& reader, size_t start) {
  size_t end = start;
  size_t after_break = start;
  while (reader.space(end)) {
    ++end;
    if (reader.line_break(end - 1)) after_break = end;
  }
  if (after_break > start) return after_break - start;  // \s*[\r\n]+
  const size_t length = end - start;
  // \s+(?!\S): what is followed by a word leaves it its last blank.
  return reader.has(end) && length > 1 ? length - 1 : length;
}

}  // namespace

size_t piece_length(std::u32string_view text, size_t start) {
  const Reader reader{text};
  if (const size_t length = contraction(reader, start); length > 0) return length;

  const bool joins_letters = !reader.number(start) && !reader.line_break(start);
  if (reader.letter(start) || (joins_letters && reader.letter(start + 1))) {
    size_t end = start + 1;
    while (reader.letter(end)) ++end;
    return end - start;
  }
  if (reader.number(start)) return 1;

  const size_t symbols = reader.at(start) == U' ' ? start + 1 : start;
  if (reader.other(symbols)) {
    size_t end = symbols;
    while (reader.other(end)) ++end;
    while (reader.line_break(end)) ++end;
    return end - start;
  }
  return whitespace(reader, start);
}

}  // namespace lmc::text
