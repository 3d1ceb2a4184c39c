// The body of POST /v1/chat/completions, checked.
//
// What becomes of each parameter says request_parameters.h. Null is as good as absent. Images
// come as data: URLs inside the request; remote ones are refused: this server opens no connection
// of its own. A last message of the assistant is the beginning of the reply, which goes on from
// there. Lengths are upper bounds: what is more than the server or the model can give is as much as
// they can, and a reply that ends there says "length".
// Source: the OpenAI API reference, "Create chat completion"; top_k, min_p and repetition_penalty
// as vLLM and SGLang add them; a reply that is begun as llama.cpp takes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "infer/sampling.h"  // SamplingOptions
#include "prompt/chat.h"     // Message

namespace lmc::serve {

struct ChatRequest {
  std::string model;
  std::vector<prompt::Message> messages;
  std::string begun_reply;          // which the reply continues, without repeating it
  std::vector<std::string> images;  // files as sent, in the order of their parts
  infer::SamplingOptions sampling;  // `seed` is not used: see `stream_ids`
  // Name the random streams of the replies, one each. That of the first is the request's seed, else
  // drawn, so that it is the same however many are asked for.
  std::vector<uint64_t> stream_ids = {0};
  std::vector<std::string>
      choices;  // the only texts that a reply may be; empty: any (forced_choice.h)
  bool stream = false;
  bool include_usage = false;        // of a streamed reply
  std::vector<std::string> ignored;  // names of what is given and changes nothing
};

struct ChatLimits {
  infer::SamplingOptions defaults;  // for what a request leaves out
  int64_t max_new_tokens = 8192;
  int64_t max_images = 8;
  size_t max_image_bytes = size_t{32} << 20;
};

// Errors: ApiError (400).
ChatRequest parse_chat_request(std::string_view body, const ChatLimits& limits);

}  // namespace lmc::serve
