// What an endpoint's reply to POST /chat/completions says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/explanation.h"  // TokenLogProb

namespace lmc::teacher {

// The parts of a chat completion that matter here.
struct TeacherReply {
  std::string text;    // with the reasoning, when the endpoint sends it apart, in a <think> block
  std::string finish;  // "stop", "length", "content_filter", ...
  bool declined = false;
  std::string model;
  int64_t prompt_tokens = 0;
  int64_t reply_tokens = 0;
  std::vector<record::TokenLogProb> log_probs;  // of the text's tokens, when they were asked for
};

// Nothing when `body` is not a chat completion: cut short, an error page, another protocol.
std::optional<TeacherReply> parse_reply(std::string_view body);

}  // namespace lmc::teacher
