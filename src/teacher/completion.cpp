#include "teacher/completion.h"

#include "base/json.h"  // Json

namespace lmc::teacher {

namespace {

std::string text_or_empty(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

int64_t count_or_zero(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_number_integer() ? it->get<int64_t>() : 0;
}

}  // namespace

std::optional<TeacherReply> parse_reply(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("choices")) return std::nullopt;
  const Json& choices = json["choices"];
  if (!choices.is_array() || choices.empty() || !choices[0].is_object()) return std::nullopt;
  const auto message = choices[0].find("message");
  if (message == choices[0].end() || !message->is_object()) return std::nullopt;

  TeacherReply reply;
  reply.text = text_or_empty(*message, "content");
  std::string thoughts = text_or_empty(*message, "reasoning_content");
  if (thoughts.empty()) thoughts = text_or_empty(*message, "reasoning");
  if (!thoughts.empty()) reply.text = cat("<think>\n", thoughts, "\n</think>\n\n", reply.text);
  reply.declined = !text_or_empty(*message, "refusal").empty();
  reply.finish = text_or_empty(choices[0], "finish_reason");
  reply.model = text_or_empty(json, "model");
  if (json.contains("usage") && json["usage"].is_object()) {
    reply.prompt_tokens = count_or_zero(json["usage"], "prompt_tokens");
    reply.reply_tokens = count_or_zero(json["usage"], "completion_tokens");
  }
  return reply;
}

}  // namespace lmc::teacher
