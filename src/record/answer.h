// answers.jsonl and result.json of an evaluation: the raw reply of every question, and what follows
// from them. All figures can be computed again from answers.jsonl alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

struct Answer {
  std::string question_id;
  std::string gold;
  std::string letter;  // empty: the reply has no answer
  std::string reply;
  std::string finish;  // "end", "stop" or "length"
  int64_t reply_tokens = 0;
  std::map<char, double> letter_log_probability;  // at the answer slot; empty when not asked for
  std::string error;  // the question could not be put (unreadable picture); counted, never guessed
};

Json to_json(const Answer& answer);
Answer answer_from_json(const Json& json, std::string_view where);
std::vector<Answer> read_answers(const std::string& path);

}  // namespace lmc::record
