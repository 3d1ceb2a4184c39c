// replies.jsonl of a run that puts its prompts to an endpoint: a line for every prompt that has its
// reply, append-only. From it a run that was killed goes on without asking twice.
//
// Its lines are a ledger's (record/explanation.h), of questions asked with the gold answer
// withheld, so that what reads a ledger reads these as well.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"              // Json
#include "record/token_log_prob.h"  // TokenLogProb

namespace lmc::record {

struct EndpointReply {
  std::string prompt_id;  // the line of asks.jsonl
  // Why it is not a whole reply with the right letter: "truncated", "empty", "no-answer",
  // "wrong-answer"; where no reply came, "unreadable-picture", "bad-request" or "too-large".
  // Empty: it is.
  std::string reason;
  std::string letter;     // empty: none could be read
  bool is_right = false;  // it is the gold one
  std::string reasoning;  // what stands before it
  std::string reply;      // whole; where none came, what there is to say of that
  std::string model;      // as the endpoint names it
  std::string prompt_sha256;
  int64_t prompt_tokens = 0;
  int64_t reply_tokens = 0;
  std::vector<TokenLogProb> log_probs;  // of `reply`; empty: not asked for
  int64_t finished_at = 0;              // seconds since 1970

  bool has_reply() const;
};

Json to_json(const EndpointReply& reply);
EndpointReply endpoint_reply_from_json(const Json& json, std::string_view where);

// By prompt; the last line of each counts. A last line that a kill cut short is left out.
// Errors: InputError naming file and line.
std::map<std::string, EndpointReply> read_endpoint_replies(const std::string& path);

}  // namespace lmc::record
