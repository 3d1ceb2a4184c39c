// One list of fields gives an options struct its command line, its --help, its JSON form and its
// place in the manifest.
//
//   struct ServeOptions {
//     int64_t port = 8080;
//     std::vector<Field> fields() { return {{"port", "port to listen on", &port}}; }
//   };
//
// Names are lower case with hyphens; the same name is the flag (--port) and the JSON key ("port").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"  // Json

namespace lmc {

struct Field {
  using Target = std::variant<bool*, int64_t*, double*, std::string*, std::vector<std::string>*>;

  std::string name;
  std::string help;
  Target value;
  bool required = false;
  std::vector<std::string> choices = {};  // for strings: the only values allowed
  std::string heading = {};               // under which --help lists it; empty: the general one
};

// `fields` with one heading, appended to `to`.
void append_fields(std::vector<Field>& to, const std::string& heading, std::vector<Field> fields);

// Writes every member of `object` to the field of that name; one text will do for a list.
// Errors: InputError that names an unknown key with the nearest known one, or a wrong type.
void fields_from_json(std::vector<Field> fields, const Json& object, std::string_view where);

Json fields_to_json(const std::vector<Field>& fields);

// Checks required fields and choices. `where` starts the error line, for example "litemedcot
// train".
void check_fields(const std::vector<Field>& fields, std::string_view where);

// The known word with the smallest edit distance, or "" when none is close.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace lmc
