#include "record/answer.h"

#include <limits>
#include <unordered_set>

#include "record/json_lines.h"  // for_each_record

namespace lmc::record {

namespace {

void check_letter(const std::string& text, std::string_view where, std::string_view key) {
  const bool is_letter = text.size() == 1 && text[0] >= 'A' && text[0] <= 'Z';
  if (text.empty() || is_letter) return;
  throw InputError(
      where, cat("key \"", key, "\": expected a letter A to Z or nothing, found \"", text, "\""));
}

// JSON has no infinity: null stands for the logarithm of zero.
std::map<char, double> log_probabilities_from(const Json& json, std::string_view where) {
  const std::string_view key = "letter_log_probability";
  const auto found = json.find(key);
  std::map<char, double> values;
  if (found == json.end()) return values;
  if (!found->is_object()) fail_json_type(where, key, "object", *found);
  for (const auto& [letter, value] : found->items()) {
    check_letter(letter, where, key);
    if (letter.empty()) throw InputError(where, cat("key \"", key, "\": a letter is missing"));
    values[letter[0]] = value.is_null() ? -std::numeric_limits<double>::infinity()
                                        : json_as<double>(value, where, key);
  }
  return values;
}

}  // namespace

Json to_json(const Answer& answer) {
  Json json = {{"question_id", answer.question_id}, {"gold", answer.gold},
               {"letter", answer.letter},           {"reply", answer.reply},
               {"finish", answer.finish},           {"reply_tokens", answer.reply_tokens}};
  if (!answer.letter_log_probability.empty()) {
    Json& values = json["letter_log_probability"] = Json::object();
    for (const auto& [letter, value] : answer.letter_log_probability) {
      values[std::string(1, letter)] = value;
    }
  }
  if (!answer.error.empty()) json["error"] = answer.error;
  return json;
}

Answer answer_from_json(const Json& json, std::string_view where) {
  Answer answer;
  answer.question_id = json_get<std::string>(json, "question_id", where);
  answer.gold = json_get<std::string>(json, "gold", where);
  answer.letter = json_get<std::string>(json, "letter", where);
  check_letter(answer.gold, where, "gold");
  check_letter(answer.letter, where, "letter");
  answer.reply = json_get<std::string>(json, "reply", where);
  answer.finish = json_get<std::string>(json, "finish", where);
  answer.reply_tokens = json_get<int64_t>(json, "reply_tokens", where);
  answer.letter_log_probability = log_probabilities_from(json, where);
  answer.error = json_get_or<std::string>(json, "error", where, "");
  return answer;
}

std::vector<Answer> read_answers(const std::string& path) {
  std::vector<Answer> answers;
  std::unordered_set<std::string> ids;
  for_each_record(path, LastLine::kMayBeCut, [&](const Json& json, const std::string& where) {
    answers.push_back(answer_from_json(json, where));
    if (!ids.insert(answers.back().question_id).second) {
      throw InputError(where,
                       cat("the question \"", answers.back().question_id, "\" is answered twice"));
    }
  });
  return answers;
}

}  // namespace lmc::record
