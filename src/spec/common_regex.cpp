#include "spec/common_regex.h"

#include <cctype>
#include <string_view>

namespace lmc::spec {

namespace {

// Escapes of letters and digits that mean the same in both.
constexpr std::string_view kCommonEscapes = "bBdDsSwWnrtfvx123456789";

bool reads_alike(std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? text[i] : '\0'; };
  bool in_set = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
      const bool is_word = std::isalnum(static_cast<unsigned char>(at(i))) != 0;
      if (is_word && kCommonEscapes.find(at(i)) == kCommonEscapes.npos) return false;
    } else if (in_set) {
      if (c == ']') in_set = false;
      // A class of POSIX in one, four characters in the other.
      if (c == '[' && (at(i + 1) == ':' || at(i + 1) == '.' || at(i + 1) == '=')) return false;
    } else if (c == '[') {
      // "[]x]" is a set with "]" in one, an empty set and "x]" in the other.
      if (at(i + (at(i + 1) == '^' ? 2 : 1)) == ']') return false;
      in_set = true;
    } else if ((c == '*' || c == '+' || c == '?' || c == '}') && at(i + 1) == '+') {
      return false;  // possessive in one, a repetition of a repetition in the other
    }
  }
  return true;
}

}  // namespace

std::optional<std::regex> common_regex(const std::string& text) {
  if (!reads_alike(text)) return std::nullopt;
  try {
    return std::regex(text);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

}  // namespace lmc::spec
