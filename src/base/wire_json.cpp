#include "base/wire_json.h"

#include <utility>

namespace lmc {

namespace {

// Counts brackets outside strings. In a text that is not JSON the count means nothing, but then the
// parser, which does not recurse, refuses it.
bool nests_too_deeply(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxWireDepth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::optional<LargeJson> parse_wire_json(std::string_view text) {
  if (nests_too_deeply(text)) return std::nullopt;
  LargeJson json = LargeJson::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

}  // namespace lmc
