// Objects of thousands of members, such as vocabularies, from a text.
#pragma once

#include <string_view>

#include "base/json.h"  // LargeJson

namespace lmc {

// Errors: as parse_json.
LargeJson parse_large_json(std::string_view text, std::string_view where);

}  // namespace lmc
