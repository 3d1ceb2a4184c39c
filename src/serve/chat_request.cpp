#include "serve/chat_request.h"

#include <cmath>
#include <random>

#include "base/json.h"        // Json, json_get
#include "net/data_url.h"     // parse_data_url
#include "serve/api_error.h"  // ApiError

namespace lmc::serve {

namespace {

constexpr std::string_view kWhere = "request";

[[noreturn]] void refuse(const std::string& param, const std::string& problem) {
  throw ApiError(400, cat(param, ": ", problem), {}, param);
}

bool is_given(const Json& request, const char* key) {
  const auto it = request.find(key);
  return it != request.end() && !it->is_null();
}

const Json& member(const Json& object, const char* key, std::string_view where) {
  if (!object.is_object()) fail_json_type(where, key, "object", object);
  if (!object.contains(key)) throw InputError(where, cat("key \"", key, "\" is missing"));
  return object[key];
}

// What we cannot do and must not seem to do.
void refuse_unsupported(const Json& request) {
  if (json_get_or<int64_t>(request, "n", kWhere, 1) != 1) refuse("n", "only 1 is supported");
  for (const char* key : {"tools", "functions", "logit_bias"}) {
    if (is_given(request, key) && !request[key].empty()) refuse(key, "not supported");
  }
  if (json_get_or<double>(request, "frequency_penalty", kWhere, 0) != 0) {
    refuse("frequency_penalty", "not supported; presence_penalty is");
  }
  if (is_given(request, "response_format") &&
      json_get_or<std::string>(request["response_format"], "type", "response_format", "text") !=
          "text") {
    refuse("response_format", "only {\"type\": \"text\"} is supported");
  }
}

// -1: none; else the likeliest tokens that are asked for beside the written one.
int64_t top_log_probs(const Json& request) {
  constexpr int64_t kMost = 20;  // as the API has it
  const bool wanted = json_get_or<bool>(request, "logprobs", kWhere, false);
  const auto count = json_get_or<int64_t>(request, "top_logprobs", kWhere, 0);
  if (count < 0 || count > kMost) {
    refuse("top_logprobs", cat("expected 0 to ", kMost, ", found ", count));
  }
  if (count > 0 && !wanted) refuse("top_logprobs", "needs \"logprobs\": true");
  return wanted ? count : -1;
}

double number_within(const Json& request, const char* key, double fallback, double low,
                     double high) {
  const double value = json_get_or<double>(request, key, kWhere, fallback);
  if (!(value >= low && value <= high)) {
    refuse(key, cat("expected a number from ", low, " to ", high, ", found ", value));
  }
  return value;
}

std::vector<std::string> stop_texts(const Json& request, std::vector<std::string> fallback) {
  if (!is_given(request, "stop")) return fallback;
  const Json& stop = request["stop"];
  std::vector<std::string> texts = stop.is_string()
                                       ? std::vector<std::string>{stop.get<std::string>()}
                                       : json_as<std::vector<std::string>>(stop, kWhere, "stop");
  constexpr size_t kMaxStops = 16;
  if (texts.size() > kMaxStops) refuse("stop", cat("at most ", kMaxStops, " texts"));
  for (const std::string& text : texts) {
    if (text.empty()) refuse("stop", "an empty text would end every reply at once");
  }
  return texts;
}

void read_sampling(const Json& request, const ChatLimits& limits, ChatRequest& chat) {
  infer::SamplingOptions& sampling = chat.sampling;
  sampling = limits.defaults;
  sampling.max_new_tokens = std::min(sampling.max_new_tokens, limits.max_new_tokens);
  for (const char* key : {"max_tokens", "max_completion_tokens"}) {  // the newer name wins
    if (!is_given(request, key)) continue;
    sampling.max_new_tokens = json_get<int64_t>(request, key, kWhere);
    chat.sets_max_tokens = true;
    if (sampling.max_new_tokens < 1 || sampling.max_new_tokens > limits.max_new_tokens) {
      refuse(key,
             cat("expected 1 to ", limits.max_new_tokens, ", found ", sampling.max_new_tokens));
    }
  }
  sampling.temperature = number_within(request, "temperature", sampling.temperature, 0, 2);
  sampling.top_p = number_within(request, "top_p", sampling.top_p, 1e-6, 1);
  sampling.min_p = number_within(request, "min_p", sampling.min_p, 0, 1);
  sampling.presence_penalty =
      number_within(request, "presence_penalty", sampling.presence_penalty, -2, 2);
  sampling.repetition_penalty =
      number_within(request, "repetition_penalty", sampling.repetition_penalty, 0.01, 10);
  sampling.top_k = json_get_or<int64_t>(request, "top_k", kWhere, sampling.top_k);
  if (sampling.top_k < -1) refuse("top_k", "expected a count; -1 or 0 means all");
  if (sampling.top_k == -1) sampling.top_k = 0;
  sampling.stop = stop_texts(request, sampling.stop);
  sampling.seed = 0;
  sampling.top_log_probs = top_log_probs(request);
  chat.stream_id = is_given(request, "seed")
                       ? static_cast<uint64_t>(json_get<int64_t>(request, "seed", kWhere))
                       : uint64_t{std::random_device{}()};
}

std::string read_picture(const Json& part, const ChatLimits& limits) {
  const Json& image = member(part, "image_url", "content part");
  const std::string url = image.is_string() ? image.get<std::string>()
                                            : json_get<std::string>(image, "url", "image_url");
  if (url.starts_with("http://") || url.starts_with("https://")) {
    refuse("image_url",
           "remote pictures are not fetched: this server works offline; send the picture as "
           "data:image/png;base64,...");
  }
  net::DataUrl picture = net::parse_data_url(url, limits.max_picture_bytes, "image_url");
  if (!picture.media_type.starts_with("image/")) {
    refuse("image_url", cat("expected a picture, found ", picture.media_type));
  }
  return std::move(picture.bytes);
}

void read_content(const Json& content, const ChatLimits& limits, prompt::Message& message,
                  std::vector<std::string>& pictures) {
  if (content.is_string()) {
    message.parts.push_back(prompt::Part::of_text(content.get<std::string>()));
    return;
  }
  if (!content.is_array()) fail_json_type("message", "content", "string or list", content);
  for (const Json& part : content) {
    const auto type = json_get<std::string>(part, "type", "content part");
    if (type == "text") {
      message.parts.push_back(
          prompt::Part::of_text(json_get<std::string>(part, "text", "content part")));
    } else if (type == "image_url") {
      if (static_cast<int64_t>(pictures.size()) >= limits.max_pictures) {
        refuse("messages", cat("at most ", limits.max_pictures, " pictures in a request"));
      }
      pictures.push_back(read_picture(part, limits));
      message.parts.push_back(prompt::Part::of_image());
    } else {
      refuse("messages", cat("content of type \"", type, "\" is not supported"));
    }
  }
}

void read_messages(const Json& request, const ChatLimits& limits, ChatRequest& chat) {
  if (!is_given(request, "messages") || !request["messages"].is_array() ||
      request["messages"].empty()) {
    refuse("messages", "expected a list with at least one message");
  }
  for (const Json& item : request["messages"]) {
    prompt::Message message{json_get<std::string>(item, "role", "message"), {}};
    if (message.role == "developer") message.role = "system";
    if (message.role != "system" && message.role != "user" && message.role != "assistant") {
      refuse("messages", cat("role \"", message.role, "\" is not supported"));
    }
    read_content(member(item, "content", "message"), limits, message, chat.pictures);
    chat.messages.push_back(std::move(message));
  }
}

ChatRequest read_request(const Json& request, const ChatLimits& limits) {
  ChatRequest chat;
  chat.model = json_get<std::string>(request, "model", kWhere);
  refuse_unsupported(request);
  read_messages(request, limits, chat);
  read_sampling(request, limits, chat);
  chat.stream = json_get_or<bool>(request, "stream", kWhere, false);
  if (is_given(request, "stream_options")) {
    chat.include_usage =
        json_get_or<bool>(request["stream_options"], "include_usage", "stream_options", false);
  }
  return chat;
}

}  // namespace

ChatRequest parse_chat_request(std::string_view body, const ChatLimits& limits) {
  try {
    return read_request(parse_json(body, kWhere), limits);
  } catch (const InputError& error) {
    throw ApiError(400, error.what());
  }
}

}  // namespace lmc::serve
