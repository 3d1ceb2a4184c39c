#include "base/json_list.h"

#include "base/check.h"       // InputError, cat
#include "base/input_file.h"  // InputFile, open_input

namespace lmc {

void for_each_json_item(const std::string& path,
                        const std::function<void(const Json& item, size_t number)>& visit,
                        uint64_t max_bytes) {
  const uint64_t bytes = InputFile(path).size();
  if (bytes > max_bytes) {
    throw InputError(path, cat("expected a list of at most ", max_bytes, " bytes, found ", bytes),
                     "write it as JSON Lines, for example with: jq -c '.[]'");
  }
  std::ifstream in = open_input(path);
  in >> std::ws;
  if (in.peek() != '[') throw InputError(path, "expected a JSON list");

  size_t number = 0;
  const auto on_event = [&](int depth, Json::parse_event_t event, Json& value) {
    using Event = Json::parse_event_t;
    const bool is_end =
        event == Event::object_end || event == Event::array_end || event == Event::value;
    if (depth != 1 || !is_end) return true;
    visit(value, ++number);
    return false;  // the parser drops the item
  };
  try {
    const Json rest = Json::parse(in, on_event);  // an empty list
  } catch (const nlohmann::json::parse_error& fault) {
    throw InputError(path, cat("not valid JSON at byte ", fault.byte, " of ", bytes, ", after ",
                               number, " items"));
  } catch (const nlohmann::json::out_of_range&) {
    throw InputError(
        path, cat("not valid JSON: a number is too large for any type, after ", number, " items"));
  }
}

}  // namespace lmc
