#include "base/data_url.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>

#include "base/ascii_case.h"        // lower_case
#include "base/check.h"             // InputError, cat
#include "base/percent_encoding.h"  // percent_decoded

namespace lmc {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNoDigit = 0xff;
constexpr uint8_t kBlank = 0xfe;

constexpr std::array<uint8_t, 256> make_digits() {
  std::array<uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  }
  digits['-'] = 62;  // the URL-safe alphabet
  digits['_'] = 63;
  for (const char blank : {' ', '\t', '\r', '\n'}) digits[static_cast<uint8_t>(blank)] = kBlank;
  return digits;
}

constexpr std::array<uint8_t, 256> kDigits = make_digits();

// Two characters for every twelve bits: half the look-ups of one for every six.
constexpr std::array<char, 8192> make_pairs() {
  std::array<char, 8192> pairs{};
  for (size_t bits = 0; bits < pairs.size() / 2; ++bits) {
    pairs[2 * bits] = kAlphabet[bits >> 6];
    pairs[2 * bits + 1] = kAlphabet[bits & 63];
  }
  return pairs;
}

constexpr std::array<char, 8192> kPairs = make_pairs();

// Appends the base64 text of `bytes`.
void append_base64(std::string& out, std::string_view bytes) {
  const size_t before = out.size();
  out.resize(before + (bytes.size() + 2) / 3 * 4);
  char* to = out.data() + before;
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3, to += 4) {
    const uint32_t three = uint32_t{from[i]} << 16 | uint32_t{from[i + 1]} << 8 | from[i + 2];
    std::memcpy(to, &kPairs[2 * (three >> 12)], 2);
    std::memcpy(to + 2, &kPairs[2 * (three & 0xfff)], 2);
  }
  const size_t left = bytes.size() - i;
  if (left == 0) return;
  const uint32_t last = uint32_t{from[i]} << 16 | (left == 2 ? uint32_t{from[i + 1]} << 8 : 0u);
  std::memcpy(to, &kPairs[2 * (last >> 12)], 2);
  to[2] = left == 2 ? kAlphabet[last >> 6 & 63] : '=';
  to[3] = '=';
}

bool is_media_type(std::string_view text) {
  const auto is_token = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](unsigned char c) {
      return std::isalnum(c) || c == '-' || c == '.' || c == '+' || c == '_';
    });
  };
  const size_t slash = text.find('/');
  return slash != text.npos && is_token(text.substr(0, slash)) && is_token(text.substr(slash + 1));
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

std::string base64_decode(std::string_view text, std::string_view where) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  uint32_t bits = 0;
  size_t num_digits = 0;
  size_t num_pads = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t digit = kDigits[static_cast<uint8_t>(text[i])];
    if (digit == kBlank) continue;
    if (text[i] == '=') {
      ++num_pads;
      continue;
    }
    if (digit == kNoDigit || num_pads > 0) {
      throw InputError(where, cat("byte ", i, " of the base64 text is not a base64 character"));
    }
    bits = bits << 6 | digit;
    if (++num_digits % 4 != 0) continue;
    for (int shift = 16; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>(bits >> shift & 0xff));
    }
    bits = 0;
  }
  const size_t last = num_digits % 4;  // digits of a group that is not full
  if (last == 1 || (num_pads > 0 && (last == 0 || last + num_pads != 4))) {
    throw InputError(where, cat("the base64 text ends in the middle: ", num_digits,
                                " characters and ", num_pads, " of padding"));
  }
  // Three digits carry two bytes and two bits; two digits one byte and four bits.
  const uint32_t stray = last == 3 ? bits & 3u : last == 2 ? bits & 15u : 0u;
  if (stray != 0) throw InputError(where, "the base64 text ends in stray bits");
  if (last == 3) {
    bytes.push_back(static_cast<char>(bits >> 10 & 0xff));
    bytes.push_back(static_cast<char>(bits >> 2 & 0xff));
  } else if (last == 2) {
    bytes.push_back(static_cast<char>(bits >> 4 & 0xff));
  }
  return bytes;
}

DataUrl parse_data_url(std::string_view url, size_t max_bytes, std::string_view where) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kBlanks = " \t\r\n";
  url.remove_prefix(std::min(url.find_first_not_of(kBlanks), url.size()));
  if (lower_case(url.substr(0, kScheme.size())) != kScheme) {
    throw InputError(where, "expected a data: URL");
  }
  url.remove_prefix(kScheme.size());
  const size_t comma = url.find(',');
  if (comma == url.npos) throw InputError(where, "the data: URL has no comma before its data");
  std::string head = lower_case(url.substr(0, comma));
  std::erase_if(head, [&](char c) { return kBlanks.find(c) != kBlanks.npos; });
  constexpr std::string_view kEncoding = ";base64";
  if (!head.ends_with(kEncoding)) {
    throw InputError(where, "the data: URL is not base64", "data:image/png;base64,...");
  }
  head.resize(head.size() - kEncoding.size());
  const std::string media_type = head.substr(0, head.find(';'));
  if (!is_media_type(media_type)) {
    throw InputError(where, "the data: URL has no media type", "data:image/png;base64,...");
  }
  std::string plain;  // only where something is escaped: an image may be large
  std::string_view data = url.substr(comma + 1);
  if (data.find('%') != data.npos) {
    plain = percent_decoded(data);
    data = plain;
  }
  const auto num_blanks = static_cast<size_t>(std::count_if(
      data.begin(), data.end(), [&](char c) { return kBlanks.find(c) != kBlanks.npos; }));
  const size_t about = (data.size() - num_blanks) / 4 * 3;
  if (about > max_bytes + 2) {
    throw InputError(where, cat("the data: URL holds about ", about,
                                " bytes, more than the allowed ", max_bytes));
  }
  DataUrl parsed{media_type, base64_decode(data, where)};
  if (parsed.bytes.size() > max_bytes) {
    throw InputError(where, cat("the data: URL holds ", parsed.bytes.size(),
                                " bytes, more than the allowed ", max_bytes));
  }
  return parsed;
}

std::string make_data_url(std::string_view media_type, std::string_view bytes) {
  std::string url;
  url.reserve(media_type.size() + 16 + (bytes.size() + 2) / 3 * 4);
  url.append("data:").append(media_type).append(";base64,");
  append_base64(url, bytes);
  return url;
}

}  // namespace lmc
