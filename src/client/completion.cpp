#include "client/completion.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/ascii_case.h"      // lower_case
#include "base/check.h"           // cat
#include "base/utf8_edges.h"      // without_byte_order_mark
#include "base/wire_json.h"       // parse_wire_json
#include "client/event_stream.h"  // for_each_event

namespace lmc::client {

namespace {

using record::TokenLogProb;

// Below this a log-probability stands for minus infinity: OpenAI and vLLM write -9999.
constexpr double kNoProbability = -9000;

// The word of OpenAI's API for why a reply ended, for those that other servers have. "abort": the
// server gave the reply up (vLLM, SGLang, DeepSeek), so it is no reply.
std::string standard_finish(std::string word) {
  const std::string lower = lower_case(word);
  if (lower == "error" || lower == "insufficient_system_resource") return "abort";
  if (lower == "max_tokens" || lower == "model_length") return "length";
  if (lower.starts_with("content_filter") || lower == "safety") return "content_filter";
  return word;
}

// Null when there is no such member, or when it is null.
const LargeJson* member(const LargeJson& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it != object.end() && !it->is_null() ? &*it : nullptr;
}

std::string text_or_empty(const LargeJson& object, const char* key) {
  const LargeJson* value = member(object, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

// No reply has a trillion tokens; so sums over a run cannot overflow. Some write 9.0 for 9.
int64_t count_or_zero(const LargeJson& object, const char* key) {
  constexpr double kMax = 1e12;
  const LargeJson* value = member(object, key);
  if (value == nullptr || !value->is_number()) return 0;
  const auto count = value->get<double>();
  const bool is_count = count >= 0 && count <= kMax && count == std::floor(count);
  return is_count ? static_cast<int64_t>(count) : 0;
}

// The token's bytes; its text where the endpoint does not list them.
std::string token_bytes(const LargeJson& token) {
  const LargeJson* list = member(token, "bytes");
  if (list == nullptr || !list->is_array()) return text_or_empty(token, "token");
  std::string bytes;
  for (const LargeJson& byte : *list) {
    if (!byte.is_number_unsigned() || byte.get<uint64_t>() > 255) {
      return text_or_empty(token, "token");
    }
    bytes += static_cast<char>(byte.get<uint64_t>());
  }
  return bytes;
}

std::optional<TokenLogProb::Choice> choice_of(const LargeJson& token) {
  const LargeJson* log_prob = member(token, "logprob");
  if (log_prob == nullptr || !log_prob->is_number()) return std::nullopt;
  return TokenLogProb::Choice{token_bytes(token), std::max(log_prob->get<double>(), -9999.0)};
}

std::optional<TokenLogProb> token_of(const LargeJson& token) {
  std::optional<TokenLogProb::Choice> written = choice_of(token);
  if (!written) return std::nullopt;
  TokenLogProb one{std::move(*written), {}};
  if (const LargeJson* top = member(token, "top_logprobs"); top != nullptr && top->is_array()) {
    for (const LargeJson& alternative : *top) {
      std::optional<TokenLogProb::Choice> choice = choice_of(alternative);
      if (choice && choice->log_prob > kNoProbability) one.top.push_back(std::move(*choice));
    }
  }
  // vLLM puts the written token first, wherever it belongs.
  std::stable_sort(one.top.begin(), one.top.end(),
                   [](const auto& a, const auto& b) { return a.log_prob > b.log_prob; });
  return one;
}

// The text of the parts of this type in a list: {"type": "text", "text": ...}; a string is all
// text.
std::string text_of_parts(const LargeJson& parts, const std::string& type) {
  if (parts.is_string()) return type == "text" ? parts.get<std::string>() : std::string();
  std::string text;
  if (!parts.is_array()) return text;
  for (const LargeJson& part : parts) {
    if (text_or_empty(part, "type") != type) continue;
    // Mistral's thoughts are a list of texts inside such a part.
    if (const LargeJson* inside = member(part, type.c_str())) {
      text += text_of_parts(*inside, "text");
    }
  }
  return text;
}

// An error of no content ("", {}, false) is none: some send the member with every reply.
bool has_error(const LargeJson& json) {
  const LargeJson* error = member(json, "error");
  if (error == nullptr || *error == false) return false;
  return *error != "" && !(error->is_structured() && error->empty());
}

// JSON as Python writes it has NaN and Infinity, which are no JSON: in the log-probabilities of a
// sound reply. There NaN is no number, and minus infinity is how "no probability" is written.
std::string with_numbers_of_json(std::string_view text) {
  std::string sound;
  sound.reserve(text.size());
  const auto is_word = [&](size_t at, std::string_view word) {
    return text.substr(at, word.size()) == word;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      const size_t begin = i;
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      sound += text.substr(begin, i + 1 - begin);
    } else if (is_word(i, "NaN")) {
      sound += "null";
      i += 2;
    } else if (is_word(i, "-Infinity")) {
      sound += "-9999";
      i += 8;
    } else if (is_word(i, "Infinity")) {
      sound += "null";
      i += 7;
    } else {
      sound += text[i];
    }
  }
  return sound;
}

std::optional<LargeJson> parse_lenient(std::string_view text) {
  if (auto json = parse_wire_json(text)) return json;
  if (text.find("NaN") == text.npos && text.find("Infinity") == text.npos) return std::nullopt;
  return parse_wire_json(with_numbers_of_json(text));
}

// Takes in a completion in one piece, or chunk by chunk.
class ReplyBuilder {
 public:
  // `message_key` is "message", or "delta" in a chunk. False: this is no part of a completion.
  bool add(const LargeJson& json, const char* message_key) {
    if (!json.is_object() || has_error(json)) return false;
    if (std::string model = text_or_empty(json, "model"); !model.empty()) {
      reply_.model = std::move(model);
    }
    if (const LargeJson* usage = member(json, "usage")) {
      reply_.prompt_tokens = count_or_zero(*usage, "prompt_tokens");
      reply_.reply_tokens = count_or_zero(*usage, "completion_tokens");
    }
    const LargeJson* choices = member(json, "choices");
    if (choices == nullptr) return true;
    if (!choices->is_array()) return false;
    for (const LargeJson& choice : *choices) {
      if (!choice.is_object() || has_error(choice)) return false;
      if (count_or_zero(choice, "index") == 0 && !add_choice(choice, message_key)) return false;
    }
    return true;
  }

  bool has_message() const { return has_message_; }

  std::optional<Completion> finish() && {
    if (reply_.finish == "abort") return std::nullopt;
    if (!thoughts_.empty()) {
      reply_.text = cat("<think>\n", thoughts_, "\n</think>\n\n", reply_.text);
    }
    if (log_probs_have_a_hole_) reply_.log_probs.clear();
    return std::move(reply_);
  }

  const std::string& finish_word() const { return reply_.finish; }

 private:
  bool add_choice(const LargeJson& choice, const char* message_key) {
    if (const LargeJson* message = member(choice, message_key)) {
      if (!message->is_object()) return false;
      has_message_ = true;
      if (const LargeJson* content = member(*message, "content")) {
        reply_.text += text_of_parts(*content, "text");
        thoughts_ += text_of_parts(*content, "thinking");
      }
      std::string thoughts = text_or_empty(*message, "reasoning_content");
      if (thoughts.empty()) thoughts = text_or_empty(*message, "reasoning");  // its newer name
      thoughts_ += thoughts;
      if (!text_or_empty(*message, "refusal").empty()) reply_.declined = true;
    }
    if (std::string finish = text_or_empty(choice, "finish_reason"); !finish.empty()) {
      reply_.finish = standard_finish(std::move(finish));
    }
    if (const LargeJson* log_probs = member(choice, "logprobs")) {
      const LargeJson* tokens = member(*log_probs, "content");
      if (tokens != nullptr && tokens->is_array()) add_log_probs(*tokens);
    }
    return true;
  }

  void add_log_probs(const LargeJson& tokens) {
    for (const LargeJson& token : tokens) {
      if (std::optional<TokenLogProb> one = token_of(token)) {
        reply_.log_probs.push_back(std::move(*one));
      } else {
        log_probs_have_a_hole_ = true;
      }
    }
  }

  Completion reply_;
  std::string thoughts_;
  bool has_message_ = false;
  bool log_probs_have_a_hole_ = false;
};

std::optional<Completion> parse_whole(std::string_view body) {
  const std::optional<LargeJson> json = parse_lenient(body);
  ReplyBuilder reply;
  if (!json || !reply.add(*json, "message") || !reply.has_message()) return std::nullopt;
  return std::move(reply).finish();
}

std::optional<Completion> parse_stream(std::string_view body) {
  ReplyBuilder reply;
  bool is_sound = true;
  for_each_event(body, [&](const StreamEvent& event) {
    if (event.data == "[DONE]") return false;
    const std::optional<LargeJson> chunk = parse_lenient(event.data);
    is_sound = event.type != "error" && chunk && reply.add(*chunk, "delta");
    return is_sound;
  });
  if (!is_sound || !reply.has_message() || reply.finish_word().empty()) return std::nullopt;
  return std::move(reply).finish();
}

}  // namespace

std::optional<Completion> parse_completion(std::string_view body) {
  body = without_byte_order_mark(body);
  const size_t first = body.find_first_not_of(" \t\r\n");
  if (first == body.npos) return std::nullopt;
  return body[first] == '{' ? parse_whole(body) : parse_stream(body);
}

}  // namespace lmc::client
