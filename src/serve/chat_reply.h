// The JSON of chat completions: whole, or in chunks as server-sent events.
//
// Source: the OpenAI API reference, "The chat completion object" and "... chunk object".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"    // Json
#include "infer/reply.h"  // Reply

namespace lmc::serve {

// What every chunk of a reply repeats; but `ignored` stands in the first one only.
struct ReplyHead {
  std::string id;
  int64_t created = 0;  // Unix time
  std::string model;
  std::vector<std::string> ignored = {};  // what the request has and the reply does not heed
};

ReplyHead new_reply_head(const std::string& model);

Json usage_json(int64_t prompt_tokens, int64_t reply_tokens);
Json completion_json(const ReplyHead& head, std::span<const infer::Reply> replies,
                     int64_t prompt_tokens);
int64_t num_reply_tokens(std::span<const infer::Reply> replies);

// The chunks of a streamed reply, in this order: opening, text..., closing; of several, `index` says
// which, and they may alternate. Last comes the usage when asked for. With `with_usage` every chunk
// has the member "usage", null but in the last. The closing chunk has the log probabilities of the
// whole reply: a piece of text may end inside a token.
Json opening_chunk(const ReplyHead& head, size_t index, bool with_usage);
Json text_chunk(const ReplyHead& head, size_t index, std::string_view text, bool with_usage);
Json closing_chunk(const ReplyHead& head, size_t index, const infer::Reply& reply, bool with_usage);
Json usage_chunk(const ReplyHead& head, int64_t prompt_tokens, int64_t reply_tokens);

// "data: ...\n\n"
std::string sse_event(std::string_view data);
inline constexpr std::string_view kSseDone = "[DONE]";

}  // namespace lmc::serve
