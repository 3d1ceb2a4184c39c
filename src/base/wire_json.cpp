#include "base/wire_json.h"

#include "base/json_depth.h"  // nests_deeper_than

namespace lmc {

std::optional<LargeJson> parse_wire_json(std::string_view text) {
  // In a text that is not JSON the count means nothing, but then the parser, which does not recurse,
  // refuses it.
  if (nests_deeper_than(text, kMaxWireDepth)) return std::nullopt;
  LargeJson json = LargeJson::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

}  // namespace lmc
