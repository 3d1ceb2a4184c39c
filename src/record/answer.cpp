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

AnswerSample sample_from_json(const Json& json, std::string_view where) {
  AnswerSample sample{
      json_get<std::string>(json, "letter", where), json_get<std::string>(json, "reply", where),
      json_get<std::string>(json, "finish", where), json_get<int64_t>(json, "reply_tokens", where)};
  check_letter(sample.letter, where, "letter");
  return sample;
}

}  // namespace

// JSON has no infinity: null stands for the logarithm of zero.
Json letter_log_probability_to_json(const std::map<char, double>& values) {
  Json json = Json::object();
  for (const auto& [letter, value] : values) json[std::string(1, letter)] = value;
  return json;
}

std::map<char, double> letter_log_probability_from_json(const Json& json, std::string_view where) {
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

bool is_right(const Answer& answer) {
  return !answer.letter.empty() && answer.letter == answer.gold;
}

void take_vote(Answer& answer) {
  std::map<std::string, int64_t> votes;
  const AnswerSample* chosen = nullptr;
  answer.reply_tokens = 0;
  for (const AnswerSample& sample : answer.samples) {
    answer.reply_tokens += sample.reply_tokens;
    if (!sample.letter.empty()) ++votes[sample.letter];
  }
  for (const AnswerSample& sample : answer.samples) {
    // A reply without a letter stands for the question only if all are.
    if (chosen == nullptr || votes[sample.letter] > votes[chosen->letter]) chosen = &sample;
  }
  if (chosen == nullptr) return;
  answer.letter = chosen->letter;
  answer.reply = chosen->reply;
  answer.finish = chosen->finish;
}

Json to_json(const Answer& answer) {
  Json json = {{"question_id", answer.question_id}, {"gold", answer.gold},
               {"letter", answer.letter},           {"reply", answer.reply},
               {"finish", answer.finish},           {"reply_tokens", answer.reply_tokens}};
  if (!answer.letter_log_probability.empty()) {
    json["letter_log_probability"] = letter_log_probability_to_json(answer.letter_log_probability);
  }
  if (!answer.image_group.empty()) json["figure"] = answer.image_group;
  if (answer.image_hw_px[0] > 0) json["picture_hw_px"] = answer.image_hw_px;
  if (!answer.image_window.empty()) json["picture_window"] = answer.image_window;
  if (answer.image_frame > 0) json["picture_frame"] = answer.image_frame;
  for (const AnswerSample& sample : answer.samples) {
    json["samples"].push_back({{"letter", sample.letter},
                               {"reply", sample.reply},
                               {"finish", sample.finish},
                               {"reply_tokens", sample.reply_tokens}});
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
  answer.letter_log_probability = letter_log_probability_from_json(json, where);
  answer.image_group = json_get_or<std::string>(json, "figure", where, "");
  if (json.contains("picture_hw_px")) {
    answer.image_hw_px = json_get<std::array<int64_t, 2>>(json, "picture_hw_px", where);
  }
  answer.image_window = json_get_or<std::string>(json, "picture_window", where, "");
  answer.image_frame = json_get_or<int64_t>(json, "picture_frame", where, 0);
  if (json.contains("samples")) {
    if (!json["samples"].is_array()) fail_json_type(where, "samples", "list", json["samples"]);
    for (const Json& sample : json["samples"]) {
      answer.samples.push_back(sample_from_json(sample, where));
    }
  }
  answer.error = json_get_or<std::string>(json, "error", where, "");
  return answer;
}

std::string lines_of(const std::vector<Answer>& answers) {
  std::string lines;
  for (const Answer& answer : answers) lines += to_text(to_json(answer)) + "\n";
  return lines;
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
