// The teacher's ledger: one line a finished question, accepted or rejected, append-only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"              // Json
#include "record/token_log_prob.h"  // TokenLogProb

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
  int64_t prompt_tokens = 0;  // of all requests made for this question
  int64_t reply_tokens = 0;
  int64_t samples = 1;  // replies drawn; in two stages: of the first, with the gold withheld
  int64_t reached_gold =
      -1;  // of those with the gold withheld; -1: none was withheld, or not known
  std::vector<std::string> further_reasonings;  // of further accepted replies
  std::string judge;                            // the judge's whole reply; empty: none was asked
  std::vector<TokenLogProb> log_probs;          // of `reply`; empty: not asked for
  int64_t finished_at = 0;  // seconds since 1970; 0: not known (an older ledger)
};

Json to_json(const Explanation& explanation);
Explanation explanation_from_json(const Json& json, std::string_view where);

// Line by line, in constant memory; a last line that a kill cut short is left out.
// Errors: InputError naming file and line.
void for_each_explanation(const std::string& path,
                          const std::function<void(Explanation explanation)>& visit);

// In the order of the questions' first lines; the last line of each question counts. A last line
// that a kill cut short is left out.
// Errors: InputError naming file and line.
std::vector<Explanation> read_ledger(const std::string& path);

}  // namespace lmc::record
