#include "text/unicode.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>

namespace lmc::text {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};
struct CombiningClass {
  char32_t code_point;
  uint8_t value;
};
struct Decomposition {
  char32_t code_point;
  std::array<char32_t, 4> parts;  // padded with 0
};
struct Composition {
  char32_t first;
  char32_t second;
  char32_t whole;
};

#include "text/unicode_tables.inc"

// Hangul syllables are composed by arithmetic (Unicode Standard, 3.12).
constexpr char32_t kHangulBase = 0xAC00, kLeadBase = 0x1100, kVowelBase = 0x1161,
                   kTailBase = 0x11A7;
constexpr char32_t kLeads = 19, kVowels = 21, kTails = 28;

struct NormalizationTables {
  std::unordered_map<char32_t, uint8_t> classes;
  std::unordered_map<char32_t, const Decomposition*> decompositions;
  std::unordered_map<uint64_t, char32_t> compositions;
};

const NormalizationTables& normalization_tables() {
  static const NormalizationTables tables = [] {
    NormalizationTables made;
    for (const CombiningClass& entry : kCombiningClasses) {
      made.classes[entry.code_point] = entry.value;
    }
    for (const Decomposition& entry : kDecompositions) {
      made.decompositions[entry.code_point] = &entry;
    }
    for (const Composition& entry : kCompositions) {
      made.compositions[uint64_t{entry.first} << 32 | entry.second] = entry.whole;
    }
    return made;
  }();
  return tables;
}

uint8_t combining_class(const NormalizationTables& tables, char32_t c) {
  const auto found = tables.classes.find(c);
  return found == tables.classes.end() ? 0 : found->second;
}

void decompose(const NormalizationTables& tables, char32_t c, std::u32string& out) {
  if (c >= kHangulBase && c < kHangulBase + kLeads * kVowels * kTails) {
    const char32_t index = c - kHangulBase;
    out += kLeadBase + index / (kVowels * kTails);
    out += kVowelBase + index % (kVowels * kTails) / kTails;
    if (index % kTails != 0) out += kTailBase + index % kTails;
    return;
  }
  const auto found = tables.decompositions.find(c);
  if (found == tables.decompositions.end()) {
    out += c;
    return;
  }
  for (const char32_t part : found->second->parts) {
    if (part != 0) out += part;
  }
}

// 0 when the two do not compose.
char32_t compose(const NormalizationTables& tables, char32_t first, char32_t second) {
  if (first >= kLeadBase && first < kLeadBase + kLeads && second >= kVowelBase &&
      second < kVowelBase + kVowels) {
    return kHangulBase + ((first - kLeadBase) * kVowels + (second - kVowelBase)) * kTails;
  }
  if (first >= kHangulBase && first < kHangulBase + kLeads * kVowels * kTails &&
      (first - kHangulBase) % kTails == 0 && second > kTailBase && second < kTailBase + kTails) {
    return first + (second - kTailBase);
  }
  const auto found = tables.compositions.find(uint64_t{first} << 32 | second);
  return found == tables.compositions.end() ? 0 : found->second;
}

void order_marks(const NormalizationTables& tables, std::u32string& text) {
  const auto starts = [&](char32_t c) { return combining_class(tables, c) == 0; };
  for (auto begin = text.begin(); begin != text.end();) {
    begin = std::find_if_not(begin, text.end(), starts);
    const auto end = std::find_if(begin, text.end(), starts);
    std::stable_sort(begin, end, [&](char32_t a, char32_t b) {
      return combining_class(tables, a) < combining_class(tables, b);
    });
    begin = end;
  }
}

std::u32string compose_all(const NormalizationTables& tables, const std::u32string& text) {
  std::u32string out;
  size_t starter = std::u32string::npos;  // where the last starter stands in `out`
  int last_class = -1;                    // of what follows it; -1: nothing does
  for (const char32_t c : text) {
    const int here = combining_class(tables, c);
    if (starter != std::u32string::npos && last_class < here) {
      const char32_t whole = compose(tables, out[starter], c);
      if (whole != 0) {
        out[starter] = whole;
        continue;
      }
    }
    if (here == 0) {
      starter = out.size();
      last_class = -1;
    } else {
      last_class = here;
    }
    out += c;
  }
  return out;
}

}  // namespace

std::u32string decode_utf8(std::string_view utf8) {
  std::u32string text;
  text.reserve(utf8.size());
  size_t i = 0;
  while (i < utf8.size()) {
    const auto lead = static_cast<unsigned char>(utf8[i++]);
    if (lead < 0x80) {
      text += lead;
      continue;
    }
    int more = lead >= 0xC2 && lead <= 0xDF   ? 1
               : lead >= 0xE0 && lead <= 0xEF ? 2
               : lead >= 0xF0 && lead <= 0xF4 ? 3
                                              : 0;
    if (more == 0) {
      text += U'\uFFFD';
      continue;
    }
    // The second byte has a narrower range after some leads: no overlong forms, no surrogates.
    unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    char32_t c = lead & (0x3FU >> more);
    for (; more > 0 && i < utf8.size(); --more, ++i) {
      const auto next = static_cast<unsigned char>(utf8[i]);
      if (next < low || next > high) break;
      c = c << 6 | (next & 0x3FU);
      low = 0x80;
      high = 0xBF;
    }
    text += more == 0 ? c : U'\uFFFD';
  }
  return text;
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

size_t incomplete_tail(std::string_view bytes) {
  for (size_t back = 1; back <= std::min<size_t>(3, bytes.size()); ++back) {
    const auto byte = static_cast<unsigned char>(bytes[bytes.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    const size_t needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1;
    if (needed <= back) return 0;
    // Only a prefix that can still become valid is held back.
    const std::u32string alone = decode_utf8(bytes.substr(bytes.size() - back));
    return alone.size() == 1 ? back : 0;
  }
  return 0;
}

const std::vector<CharClass>& char_classes() {
  static const std::vector<CharClass> classes = [] {
    std::vector<CharClass> made(0x110000, CharClass::kOther);
    const auto mark = [&](const auto& table, CharClass value) {
      for (const Range& range : table) {
        std::fill(made.begin() + range.first, made.begin() + range.last + 1, value);
      }
    };
    mark(kLetters, CharClass::kLetter);
    mark(kNumbers, CharClass::kNumber);
    mark(kSpaces, CharClass::kSpace);
    return made;
  }();
  return classes;
}

std::u32string normalize_nfc(std::u32string text) {
  // Below U+0300 nothing decomposes without composing back, and nothing combines.
  if (std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x300; })) return text;
  const NormalizationTables& tables = normalization_tables();
  std::u32string parts;
  parts.reserve(text.size());
  for (const char32_t c : text) decompose(tables, c, parts);
  order_marks(tables, parts);
  return compose_all(tables, parts);
}

}  // namespace lmc::text
