#include "base/utf8_edges.h"

namespace lmc {

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

std::string without_last_break(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

std::string_view whole_characters(std::string_view text, size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  size_t end = most_bytes;
  while (end > 0 && continues(text[end])) --end;
  return text.substr(0, end);
}

}  // namespace lmc
