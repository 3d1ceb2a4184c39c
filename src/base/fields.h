// One list of fields gives an options struct its command line, its --help, its JSON form, its
// checks and its place in the manifest.
//
//   struct ServeOptions {
//     int64_t port = 8080;
//     std::string mode = "fast";
//     std::vector<Field> fields() {
//       return {{"port", "port to listen on", &port, from_to(0, 65535)},
//               {"mode", "how", &mode, false, {"fast", "slow"}}};
//     }
//   };
//
// Names are lower case with hyphens; the same name is the flag (--port) and the JSON key ("port").
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"  // Json

namespace lmc {

// What a number may be. NaN and infinities never are.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool excludes_min = false;
  bool excludes_max = false;

  bool contains(double value) const;
  // "1 or more", "0 to below 1"; empty: any number.
  std::string text() const;
};

Range at_least(double min);
Range more_than(double min);
Range from_to(double min, double max);
Range from_to_below(double min, double end);
Range above_to(double start, double max);

// Where a field's value lies, and the word that stands for it in --help.
struct FieldValue {
  using Target = std::variant<bool*, int64_t*, double*, std::string*, std::vector<std::string>*>;

  template <class T>
  FieldValue(T* value,
             std::string stand_in = {})  // NOLINT: a pointer is a value in lists of fields
      : target(value), word(std::move(stand_in)) {}

  Target target;
  std::string word;
};

template <class T>
FieldValue as_file(T* value) {
  return {value, "FILE"};
}
template <class T>
FieldValue as_folder(T* value) {
  return {value, "FOLDER"};
}
template <class T>
FieldValue as_url(T* value) {
  return {value, "URL"};
}

struct Field {
  using Target = FieldValue::Target;
  using Value = std::variant<bool, int64_t, double, std::string, std::vector<std::string>>;

  // `choices`: the only values a string, or an item of a list, may have.
  Field(std::string field_name, std::string help_text, FieldValue where, bool is_required = false,
        std::vector<std::string> allowed = {});
  Field(std::string field_name, std::string help_text, FieldValue where, Range allowed);

  std::string name;
  std::string help;
  Target value;
  std::string word;  // stands for the value in --help: "N", "FILE"
  bool required = false;
  std::vector<std::string> choices;
  Range range;
  std::string heading;  // under which --help lists it; empty: the general one
  Value initial;        // the value when the field was made: the default
};

// In the list given to grouped(): --help has the fields after it under this heading.
Field under(const std::string& heading);

// The fields, each with its heading.
std::vector<Field> grouped(std::vector<Field> fields);

// `fields`, appended to `to` under one heading.
void append_fields(std::vector<Field>& to, const std::string& heading, std::vector<Field> fields);

// The value as a command line would give it: "on", "16", "2e-05", "a b".
std::string value_text(const Field::Value& value);

// Writes every member of `object` to the field of that name; one text will do for a list.
// Errors: InputError that names `where` (a file), the key, what is allowed and what was found: an
// unknown key (with the nearest known one), a wrong type, a value that is not allowed.
void fields_from_json(std::vector<Field> fields, const Json& object, std::string_view where);

Json fields_to_json(const std::vector<Field>& fields);

// Writes what a command line gives for a field that is no switch: one word, or any number of them
// for a list.
// Errors: InputError that names `where` (a command), the flag, what is allowed and what was found.
void field_from_words(const Field& field, std::span<const std::string> words,
                      std::string_view where);

// Checks that required fields have a value, and all fields one that is allowed. `where` starts the
// error line, for example "litemedcot train"; empty: the flag does.
void check_fields(const std::vector<Field>& fields, std::string_view where = {});

// The known word with the smallest edit distance, or "" when none is close.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace lmc
