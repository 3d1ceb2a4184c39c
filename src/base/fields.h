// One list of fields gives an options struct its command line, its --help, its JSON form, its
// checks and its place in the manifest.
//
//   struct ServeOptions {
//     int64_t port = 8080;
//     Speed speed = Speed::kFast;   // an enum with names: enum_names.h
//     std::string log;
//     std::vector<Field> fields() {
//       return {{"port", "port to listen on", &port, from_to(0, 65535)},
//               {"speed", "how", &speed},
//               {"log", "where it says so", free_to_change(as_file(&log))}};
//     }
//   };
//
// Names are lower case with hyphens; the same name is the flag (--port) and the JSON key ("port").
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/enum_names.h"  // all_names, name_of, value_named
#include "base/json.h"        // Json

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

// An enum variable, read and written by the names of its values.
class EnumTarget {
 public:
  template <class E>
  explicit EnumTarget(E* value)
      : value_(value),
        names_(all_names<E>),
        name_([](const void* at) { return name_of(*static_cast<const E*>(at)); }),
        set_([](void* at, std::string_view name) {
          const std::optional<E> named = value_named<E>(name);
          if (named) *static_cast<E*>(at) = *named;
        }) {}

  std::vector<std::string> names() const { return names_(); }
  std::string name() const { return std::string(name_(value_)); }
  // A name of none leaves the value as it is.
  void set(std::string_view name) const { set_(value_, name); }

 private:
  void* value_;
  std::vector<std::string> (*names_)();
  std::string_view (*name_)(const void*);
  void (*set_)(void*, std::string_view);
};

// Where a field's value lies, and what else is known of it there.
struct FieldValue {
  using Target =
      std::variant<bool*, int64_t*, double*, std::string*, std::vector<std::string>*, EnumTarget>;

  template <class T>
  FieldValue(T* value,
             std::string stand_in = {})  // NOLINT: a pointer is a value in lists of fields
      : target(target_of(value)), word(std::move(stand_in)) {}

  Target target;
  std::string word;                  // stands for the value in --help
  bool decides = true;               // see free_to_change
  std::vector<std::string> aliases;  // see formerly

 private:
  template <class T>
  static Target target_of(T* value) {
    if constexpr (std::is_enum_v<T>) {
      return EnumTarget(value);
    } else {
      return value;
    }
  }
};

// A run may go on with another value, and comes to the same: where files lie (what inputs hold is
// compared by their hashes), how fast it goes, what is shown, how far it is to go.
FieldValue free_to_change(FieldValue value);

// An earlier name of the field, still taken as flag and key.
FieldValue formerly(std::string name, FieldValue value);

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

  // `allowed`: the only values a string, or an item of a list, may have; of an enum: all its names
  // where none are given.
  Field(std::string field_name, std::string help_text, FieldValue where, bool is_required = false,
        std::vector<std::string> allowed = {});
  Field(std::string field_name, std::string help_text, FieldValue where, Range allowed);

  std::string name;
  std::string help;
  Target value;
  std::string word;  // stands for the value in --help: "N", "FILE"
  bool required = false;
  std::string required_to;  // what it is needed for, where not always; the command checks it
  std::vector<std::string> choices;
  Range range;
  bool decides = true;               // whether a run that goes on must have the same value
  std::vector<std::string> aliases;  // earlier names
  std::string heading;               // under which --help lists it; empty: the general one
  Value initial;                     // the value when the field was made: the default
};

// In the list given to grouped(): --help has the fields after it under this heading.
Field under(const std::string& heading);

// The fields, each with its heading.
std::vector<Field> grouped(std::vector<Field> fields);

// `fields`, appended to `to` under one heading.
void append_fields(std::vector<Field>& to, const std::string& heading, std::vector<Field> fields);

// The value as a command line would give it: "on", "16", "2e-05", "a b".
std::string value_text(const Field::Value& value);

// Whether the field has this name, now or earlier.
bool is_named(const Field& field, std::string_view name);

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
