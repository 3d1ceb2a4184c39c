// Unicode as huggingface `tokenizers` knows it: UTF-8, character classes, normal form C.
//
// The tables are generated from that library (tools/unicode/make_tables.py), because the system's
// Unicode libraries know other versions of the standard.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::text {

// Code points of `utf8`; each maximal invalid part becomes U+FFFD, as Rust's from_utf8_lossy does.
std::u32string decode_utf8(std::string_view utf8);
void append_utf8(std::string& out, char32_t code_point);
std::string encode_utf8(std::u32string_view text);

// How many bytes at the end of `bytes` may be the beginning of a character not yet complete.
size_t incomplete_tail(std::string_view bytes);

enum class CharClass : uint8_t { kOther, kLetter, kNumber, kSpace };

// One byte a code point, for lookups without a search. Index: any code point up to U+10FFFF.
const std::vector<CharClass>& char_classes();

// Normal form C (canonical decomposition, canonical order, composition).
std::u32string normalize_nfc(std::u32string text);

}  // namespace lmc::text
