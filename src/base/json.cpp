#include "base/json.h"

#include "base/files.h"       // read_file
#include "base/json_shape.h"  // json_shape
#include "base/large_json.h"  // parse_large_json
#include "base/stand_in.h"    // stand_in_of

namespace lmc {

namespace {

void check_shape(std::string_view text, std::string_view where, const JsonLimits& limits) {
  const JsonShape shape = json_shape(text, limits.depth);
  if (shape.depth > limits.depth) {
    throw InputError(where,
                     cat("not valid JSON: lists and objects nest deeper than ", limits.depth));
  }
  if (shape.largest_object > limits.members) {
    throw InputError(where, cat("expected objects of at most ", limits.members, " members, found ",
                                shape.largest_object));
  }
  if (shape.num_values > limits.num_values) {
    throw InputError(
        where, cat("expected at most ", limits.num_values, " values, found ", shape.num_values));
  }
}

template <class AnyJson>
AnyJson parse(std::string_view text, std::string_view where, const JsonLimits& limits) {
  check_shape(text, where, limits);
  try {
    return AnyJson::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    if (const auto found = stand_in_of(text)) {
      throw InputError(where, cat("expected JSON, found ", found->what), found->hint);
    }
    if (text.empty()) throw InputError(where, "expected JSON, but it is empty");
    throw InputError(where, cat("not valid JSON at byte ", error.byte, " of ", text.size()));
  } catch (const nlohmann::json::out_of_range&) {
    throw InputError(where, "not valid JSON: a number is too large for any type");
  }
}

}  // namespace

Json parse_json(std::string_view text, std::string_view where, const JsonLimits& limits) {
  return parse<Json>(text, where, limits);
}

Json read_json(const std::string& path) { return parse<Json>(read_file(path), path, kJsonFile); }

LargeJson read_large_json(const std::string& path) {
  return parse_large_json(read_file(path), path);
}

LargeJson parse_large_json(std::string_view text, std::string_view where) {
  JsonLimits limits = kJsonFile;
  limits.members = limits.num_values;  // keys are sorted
  return parse<LargeJson>(text, where, limits);
}

std::string to_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_pretty_text(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string_view json_type_name(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "object";
    case Json::value_t::array:
      return "list";
    case Json::value_t::string:
      return "string";
    case Json::value_t::boolean:
      return "true or false";
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return "integer";
    case Json::value_t::number_float:
      return "number";
    default:
      return "binary";
  }
}

void fail_json_type(std::string_view where, std::string_view key, std::string_view expected,
                    const Json& found) {
  throw InputError(
      where, cat("key \"", key, "\": expected ", expected, ", found ", json_type_name(found)));
}

}  // namespace lmc
