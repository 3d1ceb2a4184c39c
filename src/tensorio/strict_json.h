// JSON from files that nobody vouches for: no key twice, no deep nesting.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"  // the JSON library

namespace lmc::tensorio {

// Sorted objects: the project's ordered ones look each name up one by one, which an enormous header
// could turn into hours.
using SortedJson = nlohmann::json;

// Of two entries with one name, which one counts would depend on the reader, so that is an error.
// Errors: InputError, `where` first.
SortedJson parse_strict_json(std::string_view text, const std::string& where);

// A name from such a file for an error line, quoted, with line breaks and other controls escaped.
std::string escaped(std::string_view name);

}  // namespace lmc::tensorio
