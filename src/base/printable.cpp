#include "base/printable.h"

#include <cstdint>
#include <cstdio>

#include "base/utf8_edges.h"  // whole_characters

namespace lmc {

namespace {

struct Character {
  uint32_t code = 0;
  size_t size = 0;  // bytes; 0: the first byte is not the beginning of one
};

Character character_at(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (size == 0 || lead > 0xF4 || size > text.size()) return {};
  uint32_t code = size == 1 ? lead : lead & (0x7FU >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  const bool is_overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (is_overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
  return {code, size};
}

bool is_obeyed(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x61C ||
         (code >= 0x200E && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  char code[16];
  while (!text.empty()) {
    const Character c = character_at(text);
    const size_t size = c.size == 0 ? 1 : c.size;
    if (c.size == 1 && (text[0] == '\n' || text[0] == '\r' || text[0] == '\t')) {
      result += ' ';
    } else if (c.size == 0 || (c.size == 1 && is_obeyed(c.code))) {
      std::snprintf(code, sizeof code, "\\x%02X", static_cast<unsigned char>(text[0]));
      result += code;
    } else if (is_obeyed(c.code)) {
      std::snprintf(code, sizeof code, "\\u{%04X}", static_cast<unsigned>(c.code));
      result += code;
    } else {
      result += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return result;
}

std::string printable_with_short_quotes(std::string_view text, size_t most_bytes) {
  std::string result;
  for (;;) {
    const size_t open = text.find('"');
    if (open == text.npos) break;
    const size_t close = text.find('"', open + 1);
    if (close == text.npos) break;
    const std::string_view quoted = text.substr(open + 1, close - open - 1);
    result += printable(text.substr(0, open + 1));
    if (quoted.size() <= most_bytes) {
      result += printable(quoted);
    } else {
      result += printable(whole_characters(quoted, most_bytes)) + "... (" +
                std::to_string(quoted.size()) + " bytes)";
    }
    result += '"';
    text.remove_prefix(close + 1);
  }
  return result + printable(text);
}

}  // namespace lmc
