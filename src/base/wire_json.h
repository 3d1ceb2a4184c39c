// JSON that came over a network. Nobody vouches for it: it is bounded, and failing is no exception.
#pragma once

#include <optional>
#include <string_view>

#include "base/json.h"  // LargeJson

namespace lmc {

// Lists and objects inside one another. The replies of chat endpoints have eight.
inline constexpr int kMaxWireDepth = 64;

// Nothing when `text` is not one JSON value (RFC 8259), or nests deeper than kMaxWireDepth. Takes
// time and memory linear in the text (but for a logarithm: keys are sorted), whatever it holds; of
// two members with one name the last counts. The size is the receiver's to bound: see
// net::HttpRequest::max_reply_bytes.
std::optional<LargeJson> parse_wire_json(std::string_view text);

}  // namespace lmc
