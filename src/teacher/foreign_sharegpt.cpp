// Rows of conversations: LLaVA's form, and what became of it elsewhere.
// Mirrors: haotian-liu/LLaVA llava/train/train.py; hiyouga/LLaMA-Factory
// src/llamafactory/data/converter.py (SharegptDatasetConverter); ms-swift MessagesPreprocessor.
#include "base/check.h"  // InputError
#include "teacher/foreign_answer.h"

namespace lmc::teacher {

namespace {

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> list) {
  for (const std::string_view one : list) {
    if (word == one) return true;
  }
  return false;
}

std::string text_under(const Json& turn, const char* key, const char* other_key,
                       std::string_view where) {
  return json_get<std::string>(turn, turn.is_object() && turn.contains(key) ? key : other_key,
                               where);
}

}  // namespace

std::vector<ForeignAnswer> read_sharegpt(const Json& row, std::string_view where) {
  if (!row.is_object()) fail_json_type(where, "row", "object", row);
  auto turns = row.find("conversations");
  if (turns == row.end()) turns = row.find("conversation");
  if (turns == row.end() || !turns->is_array()) {
    throw InputError(where, "the list \"conversations\" is missing");
  }
  std::vector<ForeignAnswer> answers;
  ForeignAnswer next{id_of(row), {}, images_of(row), {}, model_of(row)};
  for (const Json& turn : *turns) {
    const std::string speaker = text_under(turn, "from", "role", where);
    const std::string text = text_under(turn, "value", "content", where);
    if (is_one_of(speaker, {"human", "user"})) {
      next.prompt = text;
    } else if (is_one_of(speaker, {"gpt", "assistant", "bot"}) && !next.prompt.empty()) {
      next.reply = with_answer_line(text);
      answers.push_back(next);
      next.prompt.clear();
    }
  }
  return answers;
}

}  // namespace lmc::teacher
