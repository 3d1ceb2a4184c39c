// The project's one door to JSON, with errors that name the file, the key, and what was found.
//
// Objects keep the order in which keys were written, so our own files read the way we wrote them.
#pragma once

#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"  // InputError

namespace lmc {

using Json = nlohmann::ordered_json;
// For objects of thousands of members, such as vocabularies: sorted, where Json looks keys up (and
// inserts them) by walking the list.
using LargeJson = nlohmann::json;

// What a text may hold, beside bytes. Json walks an object's keys for each new one: half a second
// for as many as kJsonFile allows.
struct JsonLimits {
  int depth = 0;           // lists and objects inside one another
  int64_t members = 0;     // of one object
  int64_t num_values = 0;  // in all; some 16 bytes of memory each
};
// More than any file of ours or of others has: objects list the tensors of a checkpoint at most.
inline constexpr JsonLimits kJsonFile{500, 20'000, int64_t{1} << 32};
// A chat request has some thousand values, its images are texts.
inline constexpr JsonLimits kJsonRequest{64, 1'000, 100'000};

// Errors: InputError when `text` is not one JSON value, with the byte position, or goes beyond the
// limits, which is seen before it is parsed.
Json parse_json(std::string_view text, std::string_view where,
                const JsonLimits& limits = kJsonFile);
Json read_json(const std::string& path);
LargeJson read_large_json(const std::string& path);

// Compact text; bytes that are not valid UTF-8 are replaced by U+FFFD instead of failing.
std::string to_text(const Json& value);
// The same with two blanks of indentation and a final newline, for files people read.
std::string to_pretty_text(const Json& value);

// The word for a value's type used in error lines: "string", "integer", "list", ...
std::string_view json_type_name(const Json& value);

[[noreturn]] void fail_json_type(std::string_view where, std::string_view key,
                                 std::string_view expected, const Json& found);

namespace json_detail {
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsPair : std::false_type {};
template <class T>
struct IsPair<std::array<T, 2>> : std::true_type {};
}  // namespace json_detail

// Converts strictly: a string is never read as a number, 1.5 is never an integer.
template <class T>
T json_as(const Json& value, std::string_view where, std::string_view key) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean()) fail_json_type(where, key, "true or false", value);
    return value.get<bool>();
  } else if constexpr (std::is_integral_v<T>) {
    if (!value.is_number_integer()) fail_json_type(where, key, "integer", value);
    return value.get<T>();
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!value.is_number()) fail_json_type(where, key, "number", value);
    return value.get<T>();
  } else if constexpr (json_detail::IsVector<T>::value) {
    if (!value.is_array()) fail_json_type(where, key, "list", value);
    T items;
    items.reserve(value.size());
    for (const Json& item : value) {
      items.push_back(json_as<typename T::value_type>(item, where, key));
    }
    return items;
  } else if constexpr (json_detail::IsPair<T>::value) {
    const auto items = json_as<std::vector<typename T::value_type>>(value, where, key);
    if (items.size() != 2) throw InputError(where, cat("key \"", key, "\": expected two numbers"));
    return {items[0], items[1]};
  } else {
    if (!value.is_string()) fail_json_type(where, key, "string", value);
    return value.get<T>();
  }
}

// A required member; its absence is an InputError.
template <class T>
T json_get(const Json& object, std::string_view key, std::string_view where) {
  if (!object.is_object()) fail_json_type(where, key, "object", object);
  const auto it = object.find(std::string(key));
  if (it == object.end()) throw InputError(where, cat("key \"", key, "\" is missing"));
  return json_as<T>(*it, where, key);
}

// An optional member: absent or null gives `fallback`; a wrong type is still an error.
template <class T>
T json_get_or(const Json& object, std::string_view key, std::string_view where, T fallback) {
  if (!object.is_object()) fail_json_type(where, key, "object", object);
  const auto it = object.find(std::string(key));
  if (it == object.end() || it->is_null()) return fallback;
  return json_as<T>(*it, where, key);
}

// An optional member that has no fallback: absent or null gives nothing.
template <class T>
std::optional<T> json_get_optional(const Json& object, std::string_view key,
                                   std::string_view where) {
  if (!object.is_object()) fail_json_type(where, key, "object", object);
  const auto it = object.find(std::string(key));
  if (it == object.end() || it->is_null()) return std::nullopt;
  return json_as<T>(*it, where, key);
}

template <class T>
Json json_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace lmc
