#include "serve/chat_reply.h"

#include <ctime>
#include <random>
#include <utility>

namespace lmc::serve {

namespace {

const char* finish_word(infer::FinishReason finish) {
  return finish == infer::FinishReason::kLength ? "length" : "stop";
}

Json head_json(const ReplyHead& head, const char* object) {
  return {{"id", head.id}, {"object", object}, {"created", head.created}, {"model", head.model}};
}

Json token_json(const infer::TokenChoice& token) {
  Json bytes = Json::array();
  for (const char byte : token.bytes) bytes.push_back(static_cast<unsigned char>(byte));
  return {{"token", token.bytes}, {"logprob", token.log_prob}, {"bytes", std::move(bytes)}};
}

// A member of our own, absent when all was heeded.
void add_ignored(Json& json, const ReplyHead& head) {
  if (!head.ignored.empty()) json["ignored"] = head.ignored;
}

// Null when the request did not ask for them.
Json log_probs_json(const infer::Reply& reply) {
  if (reply.log_probs.empty()) return nullptr;
  Json content = Json::array();
  for (const infer::TokenLogProb& token : reply.log_probs) {
    Json one = token_json(token.drawn);
    one["top_logprobs"] = Json::array();
    for (const infer::TokenChoice& other : token.top) {
      one["top_logprobs"].push_back(token_json(other));
    }
    content.push_back(std::move(one));
  }
  return {{"content", std::move(content)}};
}

Json chunk(const ReplyHead& head, size_t index, Json delta, Json finish, bool with_usage) {
  Json json = head_json(head, "chat.completion.chunk");
  json["choices"] = Json::array({{{"index", index},
                                  {"delta", std::move(delta)},
                                  {"logprobs", nullptr},
                                  {"finish_reason", std::move(finish)}}});
  if (with_usage) json["usage"] = nullptr;
  return json;
}

}  // namespace

ReplyHead new_reply_head(const std::string& model) {
  std::random_device device;
  ReplyHead head{"chatcmpl-", std::time(nullptr), model};
  constexpr std::string_view kHex = "0123456789abcdef";
  for (int i = 0; i < 24; ++i) head.id.push_back(kHex[device() % 16]);
  return head;
}

Json usage_json(int64_t prompt_tokens, int64_t reply_tokens) {
  return {{"prompt_tokens", prompt_tokens},
          {"completion_tokens", reply_tokens},
          {"total_tokens", prompt_tokens + reply_tokens}};
}

Json completion_json(const ReplyHead& head, std::span<const infer::Reply> replies,
                     int64_t prompt_tokens) {
  Json json = head_json(head, "chat.completion");
  json["choices"] = Json::array();
  for (const infer::Reply& reply : replies) {
    json["choices"].push_back({{"index", json["choices"].size()},
                               {"message", {{"role", "assistant"}, {"content", reply.text}}},
                               {"logprobs", log_probs_json(reply)},
                               {"finish_reason", finish_word(reply.finish)}});
  }
  json["usage"] = usage_json(prompt_tokens, num_reply_tokens(replies));
  add_ignored(json, head);
  return json;
}

int64_t num_reply_tokens(std::span<const infer::Reply> replies) {
  int64_t tokens = 0;
  for (const infer::Reply& reply : replies) tokens += std::ssize(reply.ids);
  return tokens;
}

Json opening_chunk(const ReplyHead& head, size_t index, bool with_usage) {
  Json json = chunk(head, index, {{"role", "assistant"}, {"content", ""}}, nullptr, with_usage);
  if (index == 0) add_ignored(json, head);
  return json;
}

Json text_chunk(const ReplyHead& head, size_t index, std::string_view text, bool with_usage) {
  return chunk(head, index, {{"content", text}}, nullptr, with_usage);
}

Json closing_chunk(const ReplyHead& head, size_t index, const infer::Reply& reply,
                   bool with_usage) {
  Json json = chunk(head, index, Json::object(), finish_word(reply.finish), with_usage);
  json["choices"][0]["logprobs"] = log_probs_json(reply);
  return json;
}

Json usage_chunk(const ReplyHead& head, int64_t prompt_tokens, int64_t reply_tokens) {
  Json json = head_json(head, "chat.completion.chunk");
  json["choices"] = Json::array();
  json["usage"] = usage_json(prompt_tokens, reply_tokens);
  return json;
}

std::string sse_event(std::string_view data) { return cat("data: ", data, "\n\n"); }

}  // namespace lmc::serve
