#include "base/json.h"

#include "base/files.h"       // read_file
#include "base/json_depth.h"  // nests_deeper_than
#include "base/large_json.h"  // parse_large_json
#include "base/stand_in.h"    // stand_in_of

namespace lmc {

namespace {

// Far more than any file of ours or of others has; a tree of so many is copied without harm.
constexpr int kMaxDepth = 500;

template <class AnyJson>
AnyJson parse(std::string_view text, std::string_view where) {
  if (nests_deeper_than(text, kMaxDepth)) {
    throw InputError(where, cat("not valid JSON: lists and objects nest deeper than ", kMaxDepth));
  }
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

Json parse_json(std::string_view text, std::string_view where) { return parse<Json>(text, where); }

Json read_json(const std::string& path) { return parse<Json>(read_file(path), path); }

LargeJson read_large_json(const std::string& path) {
  return parse_large_json(read_file(path), path);
}

LargeJson parse_large_json(std::string_view text, std::string_view where) {
  return parse<LargeJson>(text, where);
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
