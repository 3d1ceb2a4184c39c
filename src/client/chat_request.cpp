#include "client/chat_request.h"

#include <algorithm>
#include <utility>

#include "base/check.h"   // cat, LMC_CHECK
#include "base/random.h"  // Random
#include "base/sha256.h"  // sha256_hex

namespace lmc::client {

namespace {

// What a request has beside its messages.
void add_sampling_params(Json& request, const SamplingParams& sampling_params) {
  request["max_tokens"] = sampling_params.max_tokens;
  request["temperature"] = sampling_params.temperature;
  if (sampling_params.temperature > 0) request["seed"] = sampling_params.seed;
  if (sampling_params.top_log_probs > 0) {
    request["logprobs"] = true;
    request["top_logprobs"] = sampling_params.top_log_probs;
  }
  if (sampling_params.stream) {
    request["stream"] = true;
    request["stream_options"] = {{"include_usage", true}};
  }
  if (!sampling_params.response_format.is_null())
    request["response_format"] = sampling_params.response_format;
  request.update(sampling_params.extra);
  // Some endpoints refuse even a null, so the member goes.
  for (const auto& [name, value] : sampling_params.extra.items()) {
    if (value.is_null()) request.erase(name);
  }
}

}  // namespace

std::string prompt_sha256(const ChatPrompt& prompt, const std::string& image_sha256) {
  return sha256_hex(to_text(Json{prompt.system, prompt.user, image_sha256}));
}

int64_t request_seed(uint64_t seed, std::string_view name, uint64_t sample) {
  Random random = Random::named(seed, name, sample);
  return random.integer(0, 2'147'483'647);
}

std::optional<int64_t> reply_token_limit(const SamplingParams& sampling_params) {
  Json request = Json::object();
  add_sampling_params(request, sampling_params);
  std::optional<int64_t> limit;
  for (const auto& [name, value] : request.items()) {
    const bool is_limit = (name.starts_with("max_") && name.ends_with("tokens")) ||
                          name == "n_predict" || name == "num_predict";
    if (!is_limit || !value.is_number_integer() || value < 1) continue;
    limit = std::max(limit.value_or(0), value.get<int64_t>());
  }
  return limit;
}

size_t max_reply_bytes(const SamplingParams& sampling_params) {
  constexpr int64_t kTokensWithoutLimit = 65'536;
  constexpr size_t kBytesAToken = 64;
  constexpr size_t kBytesAChoice = 160;
  constexpr size_t kBytesAFrame = 512;  // what stands around each token of a stream
  size_t token = kBytesAToken;
  if (sampling_params.top_log_probs > 0) {
    token += kBytesAChoice * static_cast<size_t>(sampling_params.top_log_probs + 1);
  }
  if (sampling_params.stream) token += kBytesAFrame;
  const int64_t tokens = reply_token_limit(sampling_params).value_or(kTokensWithoutLimit);
  return (size_t{1} << 20) +
         static_cast<size_t>(std::min(tokens, kTokensWithoutLimit * 16)) * token;
}

std::string request_text(const ChatPrompt& prompt, std::string_view image_url,
                         const SamplingParams& sampling_params) {
  // The image is put into the finished text: as a JSON string it would be gone over byte by byte.
  // A data: URL needs no escapes, and inside another string the quotes sought here are escaped.
  constexpr std::string_view kPlace = "data:picture";
  Json content = Json::array();
  if (!image_url.empty()) {
    content.push_back({{"type", "image_url"}, {"image_url", {{"url", kPlace}}}});
  }
  content.push_back({{"type", "text"}, {"text", prompt.user}});
  Json user = {{"role", "user"}, {"content", std::move(content)}};

  Json request = {{"model", sampling_params.model}};
  request["messages"] = Json::array();
  if (!prompt.system.empty()) {
    request["messages"].push_back({{"role", "system"}, {"content", prompt.system}});
  }
  request["messages"].push_back(std::move(user));
  add_sampling_params(request, sampling_params);

  std::string text = to_text(request);
  if (image_url.empty()) return text;
  const std::string quoted = cat("\"url\":\"", kPlace, "\"");
  const size_t at = text.find(quoted);
  LMC_CHECK(at != text.npos, "the request has no place for the image");
  text.replace(at + quoted.size() - 1 - kPlace.size(), kPlace.size(), image_url);
  return text;
}

}  // namespace lmc::client
