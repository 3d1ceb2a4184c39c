// The body of POST /v1/chat/completions, checked.
//
// What would change the reply and is not supported (n > 1, tools, JSON mode) is
// refused; members that change nothing here (user, metadata, ...) are ignored, as clients send
// many. Pictures come as data: URLs inside the request. Remote ones are refused: this server opens
// no connection of its own. Source: the OpenAI API reference, "Create chat completion"; top_k,
// min_p and repetition_penalty as vLLM and SGLang add them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "infer/generate.h"  // SamplingOptions
#include "prompt/chat.h"     // Message

namespace lmc::serve {

struct ChatRequest {
  std::string model;
  std::vector<prompt::Message> messages;
  std::vector<std::string> pictures;  // files as sent, in the order of their parts
  infer::SamplingOptions sampling;    // `seed` is not used: see `stream_id`
  bool sets_max_tokens = false;       // false: sampling.max_new_tokens is the default
  uint64_t stream_id = 0;             // names the random stream: the request's seed, else drawn
  bool stream = false;
  bool include_usage = false;  // of a streamed reply
};

struct ChatLimits {
  infer::SamplingOptions defaults;  // for what a request leaves out
  int64_t max_new_tokens = 8192;
  int64_t max_pictures = 8;
  size_t max_picture_bytes = size_t{32} << 20;
};

// Errors: ApiError (400).
ChatRequest parse_chat_request(std::string_view body, const ChatLimits& limits);

}  // namespace lmc::serve
