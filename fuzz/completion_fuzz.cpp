// Any bytes as an endpoint's reply: a completion made of what was read, whole or streamed, reads
// the same; and whatever the endpoint says of a failure becomes one short line without the key.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"              // Json, to_text
#include "client/completion.h"      // parse_completion
#include "client/retry.h"           // describe_failure
#include "net/http_client.h"        // HttpReply
#include "reading/answer_letter.h"  // answer_letter
#include "reading/reply_turns.h"    // turns_of
#include "record/explanation.h"     // Explanation, TokenLogProb
#include "require.h"
#include "teacher/structured_reply.h"  // read_structured_reply

namespace lmc {
namespace {

using client::Completion;
using record::TokenLogProb;

Json json_of(const TokenLogProb::Choice& choice) {
  Json bytes = Json::array();
  for (const char c : choice.bytes) bytes.push_back(static_cast<unsigned char>(c));
  return {{"token", "x"}, {"logprob", choice.log_prob}, {"bytes", std::move(bytes)}};
}

Json json_of(const std::vector<TokenLogProb>& log_probs) {
  Json tokens = Json::array();
  for (const TokenLogProb& one : log_probs) {
    Json token = json_of(one.written);
    token["top_logprobs"] = Json::array();
    for (const TokenLogProb::Choice& choice : one.top)
      token["top_logprobs"].push_back(json_of(choice));
    tokens.push_back(std::move(token));
  }
  return {{"content", std::move(tokens)}};
}

Json envelope(const Completion& reply, const char* message_key, Json message) {
  return {{"model", reply.model},
          {"choices",
           {{{message_key, std::move(message)},
             {"finish_reason", reply.finish},
             {"logprobs", json_of(reply.log_probs)}}}},
          {"usage",
           {{"prompt_tokens", reply.prompt_tokens}, {"completion_tokens", reply.reply_tokens}}}};
}

bool same(const TokenLogProb::Choice& a, const TokenLogProb::Choice& b) {
  return a.bytes == b.bytes && a.log_prob == b.log_prob;
}

bool same(const std::vector<TokenLogProb>& a, const std::vector<TokenLogProb>& b) {
  const auto same_choice = [](const auto& x, const auto& y) { return same(x, y); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const auto& x, const auto& y) {
    return same(x.written, y.written) &&
           std::equal(x.top.begin(), x.top.end(), y.top.begin(), y.top.end(), same_choice);
  });
}

void require_same(const std::optional<Completion>& again, const Completion& reply) {
  FUZZ_REQUIRE(again.has_value());
  FUZZ_REQUIRE(again->text == reply.text);
  FUZZ_REQUIRE(again->finish == reply.finish);
  FUZZ_REQUIRE(again->declined == reply.declined);
  FUZZ_REQUIRE(again->model == reply.model);
  FUZZ_REQUIRE(again->prompt_tokens == reply.prompt_tokens);
  FUZZ_REQUIRE(again->reply_tokens == reply.reply_tokens);
  FUZZ_REQUIRE(same(again->log_probs, reply.log_probs));
}

void check_reply(const Completion& reply) {
  FUZZ_REQUIRE(reply.prompt_tokens >= 0 && reply.reply_tokens >= 0);
  for (const TokenLogProb& one : reply.log_probs) {
    FUZZ_REQUIRE(one.written.log_prob >= -9999);
    FUZZ_REQUIRE(std::is_sorted(one.top.begin(), one.top.end(), [](const auto& a, const auto& b) {
      return a.log_prob > b.log_prob;
    }));
  }
  const Json refusal = reply.declined ? Json("no") : Json(nullptr);
  require_same(client::parse_completion(to_text(
                   envelope(reply, "message", {{"content", reply.text}, {"refusal", refusal}}))),
               reply);
  if (!reply.finish.empty()) {  // a stream must say how it ended
    const std::string event =
        "data: " +
        to_text(envelope(reply, "delta", {{"content", reply.text}, {"refusal", refusal}})) + "\r\n";
    require_same(client::parse_completion(": ping\r\n\r\n" + event + "\r\ndata: [DONE]\r\n\r\n"),
                 reply);
    require_same(client::parse_completion(event), reply);
  }
  // The ledger keeps bytes as they are.
  record::Explanation line;
  line.log_probs = reply.log_probs;
  const auto kept = record::explanation_from_json(record::to_json(line), "fuzz").log_probs;
  FUZZ_REQUIRE(kept.size() == reply.log_probs.size());
  for (size_t i = 0; i < kept.size(); ++i) {
    FUZZ_REQUIRE(kept[i].written.bytes == reply.log_probs[i].written.bytes);
  }
}

void check_failure(std::string_view body) {
  const std::vector<std::string> secrets = {"sk-1"};
  net::HttpReply failure;
  failure.outcome = net::HttpReply::Outcome::kReply;
  failure.status = 500;
  failure.body = body;
  const std::string line = client::describe_failure(failure, secrets);
  FUZZ_REQUIRE(line.starts_with("HTTP 500"));
  FUZZ_REQUIRE(line.size() < 230);
  FUZZ_REQUIRE(line.find(secrets[0]) == line.npos);
  FUZZ_REQUIRE(std::all_of(line.begin(), line.end(),
                           [](char c) { return static_cast<unsigned char>(c) >= 0x20; }));
}

void check_structured(std::string_view text) {
  const std::map<char, std::string> options{{'A', "Yes"}, {'B', "No"}};
  const auto reply = teacher::read_structured_reply(text, "AB");
  if (!reply) return;
  FUZZ_REQUIRE(options.contains(reply->answer));
  const std::string object =
      to_text({{"answer", std::string(1, reply->answer)}, {"reasoning", reply->reasoning}});
  // Tags inside a reasoning count as tags, and a turn of a user ends it.
  if (reply->reasoning.find("think>") != std::string::npos) return;
  if (!reading::turns_of(reply->reasoning).empty()) return;
  const auto again = teacher::read_structured_reply("So:\n```json\n" + object + "\n```", "AB");
  FUZZ_REQUIRE(again.has_value());
  FUZZ_REQUIRE(again->answer == reply->answer && again->reasoning == reply->reasoning);
  FUZZ_REQUIRE(reading::answer_letter(teacher::plain_reply(*reply), options) == reply->answer);
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(bytes), size);
  if (const auto reply = lmc::client::parse_completion(body)) {
    lmc::check_reply(*reply);
    lmc::check_structured(reply->text);
  }
  lmc::check_failure(body);
  lmc::check_structured(body);
  return 0;
}
