// Requests and replies as files, for servers that take a whole batch and answer hours later at a
// lower price.
//
// Format: the OpenAI Batch API's JSON Lines. A request: {"custom_id", "method": "POST", "url":
// "/v1/chat/completions", "body"}; a reply: {"custom_id", "response": {"status_code", "body"},
// "error"}. The custom id is "<question id>#<sample, from 0>". vLLM's run-batch reads and writes
// it.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "teacher/teach.h"  // TeachOptions, TeachResult

namespace lmc::teacher {

struct BatchFiles {
  std::vector<std::string> paths;
  int64_t requests = 0;
  int64_t unreadable = 0;  // questions whose image cannot be sent; they stand in the ledger
};

// Writes what is still to be asked as PREFIX-001.jsonl, ..., each of at most 50,000 requests and
// 190 MB, which the API accepts; each appears whole. In mode reject every sample is a request.
// Errors: InputError, also for mode two-stage, whose second stage depends on replies.
BatchFiles write_batch(const TeachOptions& options, const std::string& prefix, std::ostream& out);

// Reads the replies to such requests into the ledger, as teach() would: give it the options that
// wrote them. A request without a good reply is counted as failed and stays to be asked. A question
// that has a line already is left alone; so a second reading changes nothing.
TeachResult read_batch(const TeachOptions& options, const std::vector<std::string>& replies,
                       std::ostream& out);

}  // namespace lmc::teacher
