// A list inside a record that may be left out.
#pragma once

#include <string_view>

#include "base/json.h"  // Json

namespace lmc::record {

// The list of a key; an empty one where the key is missing.
// Errors: InputError for anything else than a list.
inline const Json& list_at(const Json& json, const char* key, std::string_view where) {
  static const Json kNone = Json::array();
  const auto found = json.find(key);
  if (found == json.end()) return kNone;
  if (!found->is_array()) fail_json_type(where, key, "list", *found);
  return *found;
}

}  // namespace lmc::record
