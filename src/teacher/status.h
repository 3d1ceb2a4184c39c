// What a ledger holds, while it is being written or later: counts by rule, tokens, rate, examples.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "client/spending.h"  // Prices

namespace lmc::teacher {

struct LedgerStatus {
  struct Example {
    std::string question_id;
    std::string answer;  // the letter read
    std::string reply;   // its beginning
  };
  struct Rule {
    int64_t count = 0;
    std::vector<Example> examples;  // the first few
  };

  int64_t finished = 0;  // questions
  int64_t accepted = 0;
  int64_t accepted_with_gold_given = 0;
  int64_t further_reasonings = 0;
  std::map<std::string, Rule> rejected;
  int64_t samples = 0;       // drawn with the gold withheld
  int64_t reached_gold = 0;  // of these
  int64_t prompt_tokens = 0;
  int64_t reply_tokens = 0;
  int64_t total = 0;         // questions to be asked; 0: not known
  double per_minute = 0;     // questions finished, over the last minutes; 0: not known
  double seconds_since = 0;  // the last line was written
};

// Reads the ledger, also while another process writes it, in memory for the ids alone. The total is
// that of the run's manifest.
// Errors: InputError.
LedgerStatus ledger_status(const std::string& ledger, int64_t examples_a_rule);

std::string describe(const LedgerStatus& status, const client::Prices& prices);

}  // namespace lmc::teacher
