// What a run will ask for, before it asks: requests, tokens, cost, time, and what leaves this
// machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "teacher/ledger.h"
#include "teacher/teach_options.h"
#include "teacher/work_list.h"

namespace lmc::teacher {

struct Plan {
  int64_t selected = 0;  // questions of the selection
  int64_t left = 0;      // not in the ledger yet

  // Means over a sample of those left, with the questions' real images.
  double prompt_tokens = 0;  // of one request
  double request_bytes = 0;
  int64_t unreadable = 0;  // of the sample: their images cannot be sent
  int64_t sampled = 0;

  double reply_tokens = 0;      // of one reply
  bool reply_is_known = false;  // from the ledger's lines, else a guess

  // Between these: every first sample is accepted; none is.
  int64_t fewest_requests = 0;
  int64_t most_requests = 0;

  client::Prices prices;
  int64_t in_flight = 0;                 // at all endpoints together
  std::vector<std::string> other_hosts;  // that would get images and questions
  bool with_captions = false;
};

// Looks at up to 32 of the images.
// Errors: InputError.
Plan make_plan(const TeachOptions& options, WorkList& work, const Ledger& ledger);

// A few lines for the user; empty when nothing is left.
std::string describe(const Plan& plan);

}  // namespace lmc::teacher
