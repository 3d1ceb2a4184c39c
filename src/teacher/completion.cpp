#include "teacher/completion.h"

#include <algorithm>
#include <utility>

#include "base/check.h"            // cat
#include "base/wire_json.h"        // parse_wire_json
#include "teacher/event_stream.h"  // for_each_event

namespace lmc::teacher {

namespace {

using record::TokenLogProb;

// Below this a log-probability stands for minus infinity: OpenAI and vLLM write -9999.
constexpr double kNoProbability = -9000;

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

// No reply has a trillion tokens; so sums over a run cannot overflow.
int64_t count_or_zero(const LargeJson& object, const char* key) {
  constexpr uint64_t kMost = 1'000'000'000'000;
  const LargeJson* value = member(object, key);
  if (value == nullptr || !value->is_number_unsigned()) return 0;
  const auto count = value->get<uint64_t>();
  return count <= kMost ? static_cast<int64_t>(count) : 0;
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

// The text of a message's content: a string, or a list of parts.
std::string text_of_parts(const LargeJson& message) {
  const LargeJson* content = member(message, "content");
  if (content == nullptr || !content->is_array()) return text_or_empty(message, "content");
  std::string text;
  for (const LargeJson& part : *content) {
    if (text_or_empty(part, "type") == "text") text += text_or_empty(part, "text");
  }
  return text;
}

// Takes in a completion in one piece, or chunk by chunk.
class ReplyBuilder {
 public:
  // `message_key` is "message", or "delta" in a chunk. False: this is no part of a completion.
  bool add(const LargeJson& json, const char* message_key) {
    if (!json.is_object() || member(json, "error") != nullptr) return false;
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
      if (!choice.is_object() || member(choice, "error") != nullptr) return false;
      if (count_or_zero(choice, "index") == 0 && !add_choice(choice, message_key)) return false;
    }
    return true;
  }

  bool has_message() const { return has_message_; }

  std::optional<TeacherReply> finish() && {
    // vLLM's and SGLang's words for a generation that they gave up.
    if (reply_.finish == "abort" || reply_.finish == "error") return std::nullopt;
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
      reply_.text += text_of_parts(*message);
      std::string thoughts = text_or_empty(*message, "reasoning_content");
      if (thoughts.empty()) thoughts = text_or_empty(*message, "reasoning");  // its newer name
      thoughts_ += thoughts;
      if (!text_or_empty(*message, "refusal").empty()) reply_.declined = true;
    }
    if (std::string finish = text_or_empty(choice, "finish_reason"); !finish.empty()) {
      reply_.finish = std::move(finish);
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

  TeacherReply reply_;
  std::string thoughts_;
  bool has_message_ = false;
  bool log_probs_have_a_hole_ = false;
};

std::optional<TeacherReply> parse_whole(std::string_view body) {
  const std::optional<LargeJson> json = parse_wire_json(body);
  ReplyBuilder reply;
  if (!json || !reply.add(*json, "message") || !reply.has_message()) return std::nullopt;
  return std::move(reply).finish();
}

std::optional<TeacherReply> parse_stream(std::string_view body) {
  ReplyBuilder reply;
  bool is_sound = true;
  for_each_event(body, [&](const StreamEvent& event) {
    if (event.data == "[DONE]") return false;
    const std::optional<LargeJson> chunk = parse_wire_json(event.data);
    is_sound = event.type != "error" && chunk && reply.add(*chunk, "delta");
    return is_sound;
  });
  if (!is_sound || !reply.has_message() || reply.finish_word().empty()) return std::nullopt;
  return std::move(reply).finish();
}

}  // namespace

std::optional<TeacherReply> parse_reply(std::string_view body) {
  const size_t first = body.find_first_not_of(" \t\r\n");
  if (first == body.npos) return std::nullopt;
  return body[first] == '{' ? parse_whole(body) : parse_stream(body);
}

}  // namespace lmc::teacher
