// Rows of chat messages.
// Mirrors: huggingface/trl docs/source/dataset_formats.md, "Vision datasets" (lists of parts);
// ms-swift's messages (texts with <image> in them).
#include "base/check.h"  // InputError
#include "teacher/foreign_answer.h"

namespace lmc::teacher {

namespace {

std::string text_of(const Json& message, std::string_view where) {
  const auto content = message.find("content");
  if (content == message.end() || content->is_null()) return {};
  if (content->is_string()) return content->get<std::string>();
  if (!content->is_array()) fail_json_type(where, "content", "text or a list", *content);
  std::string text;
  for (const Json& part : *content) {
    const std::string more = json_get_or<std::string>(part, "text", where, "");
    if (!text.empty() && !more.empty()) text += "\n";
    text += more;
  }
  return text;
}

}  // namespace

std::vector<ForeignAnswer> read_messages(const Json& row, std::string_view where) {
  if (!row.is_object()) fail_json_type(where, "row", "object", row);
  const auto messages = row.find("messages");
  if (messages == row.end() || !messages->is_array()) {
    throw InputError(where, "the list \"messages\" is missing");
  }
  std::vector<ForeignAnswer> answers;
  ForeignAnswer next{id_of(row), {}, images_of(row), {}, model_of(row)};
  for (const Json& message : *messages) {
    const auto role = json_get<std::string>(message, "role", where);
    if (role == "user") {
      next.prompt = text_of(message, where);
    } else if (role == "assistant" && !next.prompt.empty()) {
      next.reply = with_answer_line(text_of(message, where));
      answers.push_back(next);
      next.prompt.clear();
    }
  }
  return answers;
}

}  // namespace lmc::teacher
