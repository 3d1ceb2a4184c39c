#include "serve/chat_request.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <random>

#include "base/json.h"                 // Json, parse_json
#include "serve/api_error.h"           // ApiError
#include "serve/chat_messages.h"       // read_messages
#include "serve/forced_choice.h"       // read_choices
#include "serve/request_parameters.h"  // check_parameters, given

namespace lmc::serve {

namespace {

constexpr std::string_view kWhere = "request";

[[noreturn]] void refuse(const std::string& param, const std::string& problem) {
  throw ApiError(400, cat(param, ": ", problem), {}, param);
}

[[noreturn]] void refuse_type(const std::string& param, const char* expected, const Json& found) {
  refuse(param, cat("expected ", expected, ", found ", json_type_name(found)));
}

double number_within(const Json& request, const char* key, double fallback, double low,
                     double high) {
  const Json* const found = given(request, key);
  if (found == nullptr) return fallback;
  if (!found->is_number()) refuse_type(key, "a number", *found);
  const auto value = found->get<double>();
  if (!(value >= low && value <= high)) {
    refuse(key, cat("expected a number from ", low, " to ", high, ", found ", value));
  }
  return value;
}

constexpr uint64_t kMostWhole = std::numeric_limits<int64_t>::max();

// A whole number; some clients write 5.0 for 5.
std::optional<int64_t> whole_number(const Json& request, const char* key) {
  const Json* const found = given(request, key);
  if (found == nullptr) return std::nullopt;
  if (found->is_number_unsigned() && found->get<uint64_t>() > kMostWhole) {
    refuse(key, cat("expected a number up to ", kMostWhole));
  }
  if (found->is_number_integer()) return found->get<int64_t>();
  constexpr double kExact = 9007199254740992.0;  // 2^53: below it a double holds every integer
  const double value = found->is_number_float() ? found->get<double>() : 0.5;
  if (value != std::floor(value) || std::abs(value) > kExact) {
    refuse_type(key, "a whole number", *found);
  }
  return static_cast<int64_t>(value);
}

bool flag(const Json& request, const char* key) {
  const Json* const found = given(request, key);
  if (found == nullptr) return false;
  if (!found->is_boolean()) refuse_type(key, "true or false", *found);
  return found->get<bool>();
}

// -1: none; else the likeliest tokens that are asked for beside the written one.
int64_t top_log_probs(const Json& request) {
  constexpr int64_t kMax = 20;  // as the API has it
  const bool wanted = flag(request, "logprobs");
  const int64_t count = whole_number(request, "top_logprobs").value_or(0);
  if (count < 0 || count > kMax) {
    refuse("top_logprobs", cat("expected 0 to ", kMax, ", found ", count));
  }
  if (count > 0 && !wanted) refuse("top_logprobs", "needs \"logprobs\": true");
  return wanted ? count : -1;
}

std::vector<std::string> stop_texts(const Json& request, std::vector<std::string> fallback) {
  const Json* const stop = given(request, "stop");
  // An empty field of a form is no wish.
  if (stop == nullptr || *stop == "") return fallback;
  std::vector<std::string> texts;
  if (stop->is_string()) {
    texts.push_back(stop->get<std::string>());
  } else if (stop->is_array()) {
    for (const Json& text : *stop) {
      if (!text.is_string()) refuse_type("stop", "texts", text);
      texts.push_back(text.get<std::string>());
    }
  } else {
    refuse_type("stop", "a text or a list of them", *stop);
  }
  constexpr size_t kMaxStops = 16;
  if (texts.size() > kMaxStops) refuse("stop", cat("at most ", kMaxStops, " texts"));
  for (const std::string& text : texts) {
    if (text.empty()) refuse("stop", "an empty text would end every reply at once");
  }
  return texts;
}

// As far apart as seeds can be: who asks with one seed after the other gets other replies each time.
void read_streams(const Json& request, ChatRequest& chat) {
  constexpr int64_t kMostReplies = 16;
  constexpr uint64_t kApart = 0x9E3779B97F4A7C15;  // 2^64 by the golden ratio
  const int64_t count = whole_number(request, "n").value_or(1);
  if (count < 1 || count > kMostReplies) {
    refuse("n", cat("expected 1 to ", kMostReplies, ", found ", count));
  }
  const std::optional<int64_t> seed = whole_number(request, "seed");
  const uint64_t first = seed ? static_cast<uint64_t>(*seed) : uint64_t{std::random_device{}()};
  chat.stream_ids.clear();
  for (uint64_t k = 0; k < static_cast<uint64_t>(count); ++k) {
    chat.stream_ids.push_back(first + k * kApart);
  }
}

void read_sampling(const Json& request, const ChatLimits& limits, ChatRequest& chat) {
  infer::SamplingOptions& sampling = chat.sampling;
  sampling = limits.defaults;
  for (const char* key : {"max_tokens", "max_completion_tokens"}) {  // the newer name wins
    const std::optional<int64_t> wanted = whole_number(request, key);
    if (!wanted) continue;
    if (*wanted < 1) refuse(key, cat("expected 1 or more, found ", *wanted));
    sampling.max_new_tokens = *wanted;
  }
  sampling.max_new_tokens = std::min(sampling.max_new_tokens, limits.max_new_tokens);
  sampling.temperature = number_within(request, "temperature", sampling.temperature, 0, 2);
  // Of nothing the likeliest token is left.
  sampling.top_p = std::max(1e-6, number_within(request, "top_p", sampling.top_p, 0, 1));
  sampling.min_p = number_within(request, "min_p", sampling.min_p, 0, 1);
  sampling.presence_penalty =
      number_within(request, "presence_penalty", sampling.presence_penalty, -2, 2);
  sampling.repetition_penalty =
      number_within(request, "repetition_penalty", sampling.repetition_penalty, 0.01, 10);
  sampling.top_k = whole_number(request, "top_k").value_or(sampling.top_k);
  if (sampling.top_k < -1) refuse("top_k", "expected a count; -1 or 0 means all");
  if (sampling.top_k == -1) sampling.top_k = 0;
  sampling.stop = stop_texts(request, sampling.stop);
  sampling.seed = 0;
  sampling.top_log_probs = top_log_probs(request);
  read_streams(request, chat);
}

void read_stream(const Json& request, ChatRequest& chat) {
  chat.stream = flag(request, "stream");
  const Json* const options = given(request, "stream_options");
  if (options == nullptr) return;
  if (!options->is_object()) refuse_type("stream_options", "an object", *options);
  chat.include_usage = flag(*options, "include_usage");
  const auto unknown =
      unknown_members(*options, "stream_options", {"include_usage", "include_obfuscation"});
  chat.ignored.insert(chat.ignored.end(), unknown.begin(), unknown.end());
}

ChatRequest read_request(const Json& request, const ChatLimits& limits) {
  if (!request.is_object()) throw ApiError(400, "the body is no JSON object");
  ChatRequest chat;
  chat.ignored = check_parameters(request);
  const Json* const model = given(request, "model");
  if (model == nullptr || !model->is_string()) refuse("model", "expected the model's name");
  chat.model = model->get<std::string>();
  read_messages(request, limits, chat);
  read_sampling(request, limits, chat);
  chat.choices = read_choices(request);
  read_stream(request, chat);
  return chat;
}

// What shells make of "...$(base64 FILE)...": line breaks inside a text, which JSON has not. Nothing
// when there are none.
std::optional<std::string> with_line_breaks_escaped(std::string_view json) {
  std::optional<std::string> result;
  size_t copied = 0;
  bool in_text = false;
  for (size_t i = json.find('"'); i < json.size(); ++i) {
    if (json[i] == '"') {
      in_text = !in_text;
    } else if (json[i] == '\\') {
      ++i;
    } else if (in_text && (json[i] == '\n' || json[i] == '\r')) {
      if (!result) result.emplace();
      result->append(json.substr(copied, i - copied)).append(json[i] == '\n' ? "\\n" : "\\r");
      copied = i + 1;
    }
  }
  if (result) result->append(json.substr(copied));
  return result;
}

}  // namespace

ChatRequest parse_chat_request(std::string_view body, const ChatLimits& limits) {
  try {
    if (body.find('\0') != body.npos) throw InputError(kWhere, "not valid JSON: it holds a NUL");
    const std::optional<std::string> escaped = with_line_breaks_escaped(body);
    return read_request(parse_json(escaped ? *escaped : body, kWhere, kJsonRequest), limits);
  } catch (const InputError& error) {
    throw ApiError(400, error.what());
  }
}

}  // namespace lmc::serve
