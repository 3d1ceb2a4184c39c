#include "base/wire_json.h"

#include "base/json_shape.h"  // json_shape

namespace lmc {

std::optional<LargeJson> parse_wire_json(std::string_view text) {
  // In a text that is not JSON the count means nothing, but then the parser, which does not recurse,
  // refuses it.
  if (json_shape(text, kMaxWireDepth).depth > kMaxWireDepth) return std::nullopt;
  LargeJson json = LargeJson::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

}  // namespace lmc
