#include "client/endpoint_error.h"

#include "base/utf8_edges.h"      // without_byte_order_mark
#include "base/wire_json.h"       // parse_wire_json
#include "client/event_stream.h"  // for_each_event

namespace lmc::client {

namespace {

std::optional<std::string> text_at(const LargeJson& json, const char* key) {
  if (!json.is_object()) return std::nullopt;
  const auto it = json.find(key);
  if (it == json.end() || !it->is_string()) return std::nullopt;
  return it->get<std::string>();
}

// Of the value of "error": its message, or as it stands, which is better than nothing.
std::optional<std::string> message_of_error(const LargeJson& error) {
  if (error.is_string() && error != "") return error.get<std::string>();
  if (!error.is_structured() || error.empty()) return std::nullopt;
  if (auto message = text_at(error, "message")) return message;
  if (error.is_object()) {
    const auto inner = error.find("error");
    if (inner != error.end() && inner->is_string()) return inner->get<std::string>();
  }
  return error.dump(-1, ' ', false, LargeJson::error_handler_t::replace);
}

std::optional<std::string> message_in(const LargeJson& json) {
  // Gemini's errors are lists of one.
  if (json.is_array()) return json.size() == 1 ? message_in(json[0]) : std::nullopt;
  if (!json.is_object()) return std::nullopt;
  if (const auto error = json.find("error"); error != json.end()) {
    if (auto message = message_of_error(*error)) return message;
  }
  if (const auto errors = json.find("errors"); errors != json.end() && errors->is_array()) {
    if (!errors->empty()) return message_of_error((*errors)[0]);
  }
  if (auto message = text_at(json, "message")) return message;
  if (const auto choices = json.find("choices"); choices != json.end() && choices->is_array()) {
    for (const LargeJson& choice : *choices) {
      if (choice.is_object() && choice.contains("error")) return message_of_error(choice["error"]);
    }
  }
  if (const auto detail = json.find("detail"); detail != json.end()) {
    if (detail->is_string()) return detail->get<std::string>();
    if (detail->is_object()) return message_of_error(*detail);
    if (detail->is_array() && !detail->empty()) return text_at((*detail)[0], "msg");
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> endpoint_error(std::string_view body) {
  body = without_byte_order_mark(body);
  if (const auto json = parse_wire_json(body)) return message_in(*json);
  std::optional<std::string> message;
  for_each_event(body, [&](const StreamEvent& event) {
    const auto json = parse_wire_json(event.data);
    if (json) message = message_in(*json);
    return !message;
  });
  return message;
}

}  // namespace lmc::client
