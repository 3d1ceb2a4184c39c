#include "reading/script.h"

#include <algorithm>
#include <cstdint>

namespace lmc::reading {

namespace {

struct Range {
  char32_t first;
  char32_t last;
  Script script;
};

// In order. Between them: nothing that belongs to a word.
constexpr Range kRanges[] = {
    {'A', 'Z', Script::kLatin},
    {'a', 'z', Script::kLatin},
    {0xAA, 0xAA, Script::kLatin},    // ordinal indicator
    {0xB5, 0xB5, Script::kGreek},    // micro sign
    {0xBA, 0xBA, Script::kLatin},    // ordinal indicator
    {0xC0, 0xD6, Script::kLatin},    //
    {0xD8, 0xF6, Script::kLatin},    //
    {0xF8, 0x24F, Script::kLatin},   //
    {0x250, 0x36F, Script::kLatin},  // phonetic letters, combining accents
    {0x370, 0x3FF, Script::kGreek},
    {0x400, 0x52F, Script::kCyrillic},
    {0x530, 0x5FF, Script::kOther},  // Armenian, Hebrew
    {0x600, 0x77F, Script::kArabic},
    {0x780, 0x10FF, Script::kOther},  // South and South-East Asian scripts, Georgian
    {0x1100, 0x11FF, Script::kHangul},
    {0x1200, 0x1DFF, Script::kOther},
    {0x1E00, 0x1EFF, Script::kLatin},
    {0x1F00, 0x1FFF, Script::kGreek},
    {0x3005, 0x3007, Script::kHan},
    {0x3041, 0x30FF, Script::kHan},  // hiragana, katakana
    {0x3130, 0x318F, Script::kHangul},
    {0x31F0, 0x31FF, Script::kHan},
    {0x3400, 0x4DBF, Script::kHan},
    {0x4E00, 0x9FFF, Script::kHan},
    {0xA000, 0xABFF, Script::kOther},
    {0xAC00, 0xD7AF, Script::kHangul},
    {0xF900, 0xFAFF, Script::kHan},
    {0xFB50, 0xFDFF, Script::kArabic},
    {0xFE70, 0xFEFC, Script::kArabic},
    {0xFF21, 0xFF3A, Script::kLatin},  // fullwidth letters
    {0xFF41, 0xFF5A, Script::kLatin},
    {0xFF66, 0xFF9D, Script::kHan},    // halfwidth katakana
    {0x20000, 0x3FFFF, Script::kHan},  // the supplementary ideographic planes
};

}  // namespace

Script script_of(char32_t code_point) {
  const Range* range = std::lower_bound(std::begin(kRanges), std::end(kRanges), code_point,
                                        [](const Range& r, char32_t c) { return r.last < c; });
  return range != std::end(kRanges) && code_point >= range->first ? range->script : Script::kNone;
}

char32_t next_code_point(std::string_view text, size_t& i) {
  constexpr char32_t kInvalid = 0xFFFD;
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const char32_t first = byte(i++);
  if (first < 0x80) return first;
  const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() - i < size - 1) return kInvalid;
  char32_t code_point = first & (0xFFu >> (size + 1));
  for (size_t k = 0; k < size - 1; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) return kInvalid;
    code_point = code_point << 6 | (byte(i + k) & 0x3F);
  }
  constexpr char32_t kMin[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code_point < kMin[size] || code_point > 0x10FFFF ||
      (code_point >= 0xD800 && code_point < 0xE000)) {
    return kInvalid;
  }
  i += size - 1;
  return code_point;
}

}  // namespace lmc::reading
