// The teacher's ledger: one line a finished request, accepted or rejected, append-only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

struct Explanation {
  std::string question_id;
  bool accepted = false;
  std::string reason;     // why rejected; empty when accepted
  std::string reasoning;  // what the student may learn; empty when the reply had none
  std::string answer;     // the letter read from the reply, or empty
  std::string reply;      // the teacher's whole reply
  std::string mode;       // "rationalise" (gold given) or "reject" (gold withheld and checked)
  std::string teacher;    // model name as the endpoint gives it
  std::string prompt_sha256;
  int64_t prompt_tokens = 0;
  int64_t reply_tokens = 0;
};

Json to_json(const Explanation& explanation);
Explanation explanation_from_json(const Json& json, std::string_view where);

// In the order of the questions' first lines; the last line of each question counts. A last line
// that a kill cut short is left out. Errors: InputError naming file and line.
std::vector<Explanation> read_ledger(const std::string& path);

}  // namespace lmc::record
