#include "reading/plain_words.h"

#include <cctype>

#include "base/ascii_case.h"  // lower_case

namespace lmc::reading {

namespace {

constexpr uint64_t kPrime = 1099511628211U;  // FNV-1a, 64 bits

bool is_letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// Bytes of the non-ASCII blank or punctuation mark at `i`, 0 when there is none: no-break space,
// guillemets, middle dot; U+2000 to U+206F (dashes, quotes, blanks); the ideographic blank.
size_t mark_bytes(std::string_view text, size_t i) {
  const std::string_view rest = text.substr(i);
  for (const std::string_view mark : {"\xC2\xA0", "\xC2\xAB", "\xC2\xBB", "\xC2\xB7"}) {
    if (rest.starts_with(mark)) return 2;
  }
  if (rest.size() < 3) return 0;
  if (rest.starts_with("\xE2\x80") || rest.starts_with("\xE3\x80\x80")) return 3;
  return rest.starts_with("\xE2\x81") && static_cast<unsigned char>(rest[2]) <= 0xAF ? 3 : 0;
}

bool is_sign(std::string_view text, size_t i) {
  if (std::string_view("+<>=%").find(text[i]) != std::string_view::npos) return true;
  return text[i] == '-' && i + 1 < text.size() &&
         std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
         (i == 0 || !is_letter_or_digit(text[i - 1]));
}

// Past the end of the word at `i`, or `i` when none begins there.
size_t word_end(std::string_view text, size_t i) {
  const auto is_part = [&](size_t at) {
    return is_letter_or_digit(text[at]) ||
           (static_cast<unsigned char>(text[at]) >= 0x80 && mark_bytes(text, at) == 0);
  };
  if (is_sign(text, i)) return i + 1;
  while (i < text.size() && is_part(i)) ++i;
  return i;
}

uint64_t hash_of(std::string_view word) {
  uint64_t hash = kNoWords;
  for (const char c : word) {
    hash = (hash ^ static_cast<unsigned char>(lower_case(c))) * kPrime;
  }
  return hash;
}

}  // namespace

std::vector<PlainWord> plain_words(std::string_view text) {
  std::vector<PlainWord> words;
  bool starts = true;
  for (size_t i = 0; i < text.size();) {
    const size_t end = word_end(text, i);
    if (end > i) {
      words.push_back({hash_of(text.substr(i, end - i)), i, end, starts, false});
      starts = false;
      i = end;
    } else {
      if (std::string_view("\n.?!:;").find(text[i]) != std::string_view::npos) {
        starts = true;
        if (!words.empty()) words.back().ends = true;
      }
      const size_t mark = mark_bytes(text, i);
      i += mark > 0 ? mark : 1;
    }
  }
  if (!words.empty()) words.back().ends = true;
  return words;
}

uint64_t words_hash(std::span<const PlainWord> words, uint64_t begin) {
  for (const PlainWord& word : words) begin = (begin ^ word.hash) * kPrime;
  return begin;
}

uint64_t words_hash(std::string_view text) { return words_hash(plain_words(text)); }

}  // namespace lmc::reading
