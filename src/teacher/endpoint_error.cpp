#include "teacher/endpoint_error.h"

#include "base/wire_json.h"        // parse_wire_json
#include "teacher/event_stream.h"  // for_each_event

namespace lmc::teacher {

namespace {

std::optional<std::string> text_at(const LargeJson& json, const char* key) {
  if (!json.is_object()) return std::nullopt;
  const auto it = json.find(key);
  if (it == json.end() || !it->is_string()) return std::nullopt;
  return it->get<std::string>();
}

std::optional<std::string> message_in(const LargeJson& json) {
  if (!json.is_object()) return std::nullopt;
  if (const auto error = json.find("error"); error != json.end()) {
    if (error->is_string()) return error->get<std::string>();
    if (auto message = text_at(*error, "message")) return message;
  }
  if (auto message = text_at(json, "message")) return message;
  if (const auto choices = json.find("choices"); choices != json.end() && choices->is_array()) {
    for (const LargeJson& choice : *choices) {
      if (choice.is_object() && choice.contains("error"))
        return text_at(choice["error"], "message");
    }
  }
  if (const auto detail = json.find("detail"); detail != json.end()) {
    if (detail->is_string()) return detail->get<std::string>();
    if (detail->is_array() && !detail->empty()) return text_at((*detail)[0], "msg");
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> endpoint_error(std::string_view body) {
  if (const auto json = parse_wire_json(body)) return message_in(*json);
  std::optional<std::string> message;
  for_each_event(body, [&](const StreamEvent& event) {
    const auto json = parse_wire_json(event.data);
    if (json) message = message_in(*json);
    return !message;
  });
  return message;
}

}  // namespace lmc::teacher
