// The body of POST /chat/completions: one prompt, and how its reply is to be drawn.
//
// Source: the OpenAI API reference, "Create chat completion".
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"  // Json

namespace lmc::client {

struct ChatPrompt {
  std::string system;  // empty: no system message
  std::string user;    // the text beside the image
};

// Names what was asked: the texts and the image's hash, not the way of sampling.
std::string prompt_sha256(const ChatPrompt& prompt, const std::string& image_sha256);

// How replies are drawn, as the request says it.
struct SamplingParams {
  std::string model;
  int64_t max_tokens = 1024;
  double temperature = 0;
  int64_t seed = 0;           // sent when the temperature is not 0
  int64_t top_log_probs = 0;  // so many per token; 0: none
  bool stream = false;        // the reply comes in pieces, so that no idle proxy cuts it off
  Json response_format;       // null: free text
  // Members added to the request as they are; null leaves a member out.
  Json extra = Json::object();
};

// The seed that is sent along for reply number `sample` to the prompt that `name` names: each draws
// from a stream of its own, in any order and after any restart.
int64_t request_seed(uint64_t seed, std::string_view name, uint64_t sample);

// The most tokens that a reply may have by what the request says, under whichever name
// ("max_tokens", "max_completion_tokens", ...); of several the largest. Nothing when it does not
// say.
std::optional<int64_t> reply_token_limit(const SamplingParams& sampling_params);

// Far above what the body of such a reply can take.
size_t max_reply_bytes(const SamplingParams& sampling_params);

// `image_url` is a data: URL; it may be several megabytes and is put in as it is. Empty: the
// request has no image.
std::string request_text(const ChatPrompt& prompt, std::string_view image_url,
                         const SamplingParams& sampling_params);

}  // namespace lmc::client
