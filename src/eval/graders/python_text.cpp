#include "eval/graders/python_text.h"

#include <algorithm>

#include "text/unicode.h"  // char_classes

namespace lmc::eval {

namespace {

struct LowerRun {
  char32_t first, last, step;
  int distance;
};

constexpr LowerRun kLowerRuns[] = {
#include "eval/graders/lower_case.inc"
};

bool is_letter(std::u32string_view text, size_t i) {
  return i < text.size() && text::char_classes()[text[i]] == text::CharClass::kLetter;
}

}  // namespace

std::u32string lower_case(std::u32string_view text) {
  std::u32string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    if (c == U'\u0130') {  // a dotted capital I
      result += U"i\u0307";
      continue;
    }
    if (c == U'\u03A3' && i > 0 && is_letter(text, i - 1) && !is_letter(text, i + 1)) {
      result += U'\u03C2';  // a sigma that ends its word
      continue;
    }
    const auto* run =
        std::lower_bound(std::begin(kLowerRuns), std::end(kLowerRuns), c,
                         [](const LowerRun& r, char32_t value) { return r.last < value; });
    const bool in_run =
        run != std::end(kLowerRuns) && c >= run->first && (c - run->first) % run->step == 0;
    result += in_run ? static_cast<char32_t>(static_cast<int64_t>(c) + run->distance) : c;
  }
  return result;
}

bool is_python_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

std::u32string_view strip(std::u32string_view text) {
  while (!text.empty() && is_python_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_python_space(text.back())) text.remove_suffix(1);
  return text;
}

std::u32string_view before_first(std::u32string_view text, std::u32string_view separator) {
  return text.substr(0, text.find(separator));
}

std::u32string_view after_last(std::u32string_view text, std::u32string_view separator) {
  // Python looks from the left, so of separators that overlap the first counts.
  for (size_t at = text.find(separator); at != text.npos; at = text.find(separator)) {
    text.remove_prefix(at + separator.size());
  }
  return text;
}

std::u32string without(std::u32string_view text, std::u32string_view piece) {
  std::u32string result;
  for (size_t at = text.find(piece); at != text.npos; at = text.find(piece)) {
    result += text.substr(0, at);
    text.remove_prefix(at + piece.size());
  }
  result += text;
  return result;
}

}  // namespace lmc::eval
