// The protocol over HTTP, with a stand-in for the model that replies with what it was asked.
#include "serve/chat_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/json.h"        // Json, parse_json
#include "net/http_client.h"  // HttpClient
#include "net/self_signed.h"
#include "serve/echo_model.h"
#include "serve/metrics.h"

namespace lmc::serve {
namespace {

using namespace std::chrono_literals;
using net::HttpReply;

class ChatServerTest : public testing::Test {
 protected:
  void start(ServeOptions options = {}) {
    options.port = 0;
    options.log_requests = true;
    model_.engine.set_max_positions(100);
    infer::SamplingOptions defaults;
    defaults.max_new_tokens = 50;
    server_.emplace(options, model_.backend(), defaults, log_);
    server_->start();
  }

  void TearDown() override { model_.gate.release(1000); }

  net::HttpRequest request(const Json& body) const {
    return {"POST",
            cat("http://127.0.0.1:", server_->port(), "/v1/chat/completions"),
            {{"Content-Type", "application/json"}},
            to_text(body)};
  }

  static Json ask(const std::string& text, const Json& more = Json::object()) {
    Json body = {{"model", "echo"}, {"messages", {{{"role", "user"}, {"content", text}}}}};
    body.update(more);
    return body;
  }

  HttpReply post(const Json& body) { return client_.fetch(request(body)); }
  HttpReply get(const std::string& path) {
    return client_.fetch({"GET", cat("http://127.0.0.1:", server_->port(), path)});
  }

  static Json error_of(const HttpReply& reply) { return parse_json(reply.body, "reply")["error"]; }

  EchoModel model_;
  std::ostringstream log_;
  std::optional<ChatServer> server_;
  net::HttpClient client_;
};

TEST_F(ChatServerTest, WholeReply) {
  start();
  const HttpReply reply = post(ask("one two three"));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json json = parse_json(reply.body, "reply");
  EXPECT_EQ(json["object"], "chat.completion");
  EXPECT_EQ(json["model"], "echo");
  EXPECT_TRUE(json["id"].get<std::string>().starts_with("chatcmpl-"));
  EXPECT_EQ(json["choices"].size(), 1u);
  EXPECT_EQ(json["choices"][0]["message"],
            Json({{"role", "assistant"}, {"content", "one two three"}}));
  EXPECT_EQ(json["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(json["usage"], Json({{"prompt_tokens", 13},
                                 {"completion_tokens", model_.num_tokens("one two three")},
                                 {"total_tokens", 13 + model_.num_tokens("one two three")}}));
  EXPECT_EQ(parse_json(post(ask("one two three", {{"max_tokens", 2}})).body,
                       "reply")["choices"][0]["finish_reason"],
            "length");
}

// The events of a stream, with its framing checked: "data: X\n\n" and nothing else.
std::vector<std::string> events_of(std::string_view body) {
  std::vector<std::string> events;
  while (!body.empty()) {
    const size_t end = body.find("\n\n");
    EXPECT_TRUE(body.starts_with("data: ")) << body;
    EXPECT_NE(end, body.npos) << body;
    if (end == body.npos) break;
    events.emplace_back(body.substr(6, end - 6));
    EXPECT_EQ(events.back().find('\n'), std::string::npos);
    body.remove_prefix(end + 2);
  }
  return events;
}

TEST_F(ChatServerTest, StreamedReply) {
  start();
  for (const bool with_usage : {false, true}) {
    const HttpReply reply = post(ask(
        "one\ntwo three", {{"stream", true}, {"stream_options", {{"include_usage", with_usage}}}}));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.headers.get("Content-Type"), "text/event-stream");
    std::vector<std::string> events = events_of(reply.body);
    ASSERT_GE(events.size(), 4u);
    EXPECT_EQ(events.back(), "[DONE]");
    events.pop_back();
    if (with_usage) {
      const Json last = parse_json(events.back(), "event");
      EXPECT_TRUE(last["choices"].empty());
      EXPECT_EQ(last["usage"]["total_tokens"], 13 + model_.num_tokens("one\ntwo three"));
      events.pop_back();
    }
    std::string text;
    const std::string id = parse_json(events[0], "event")["id"];
    for (size_t i = 0; i < events.size(); ++i) {
      const Json chunk = parse_json(events[i], "event");
      EXPECT_EQ(chunk["object"], "chat.completion.chunk");
      EXPECT_EQ(chunk["id"], id);
      EXPECT_EQ(chunk.contains("usage"), with_usage);
      const Json& choice = chunk["choices"][0];
      EXPECT_EQ(choice["delta"].contains("role"), i == 0);
      EXPECT_EQ(choice["finish_reason"].is_null(), i + 1 < events.size());
      if (choice["delta"].contains("content")) {
        text += choice["delta"]["content"].get<std::string>();
      }
    }
    EXPECT_EQ(text, "one\ntwo three");
  }
}

TEST_F(ChatServerTest, LogProbabilities) {
  start();
  constexpr double kRounding = 1e-5;  // of logits in f32, summed over the vocabulary
  const Json two = ask("on the", {{"logprobs", true}, {"top_logprobs", 2}});
  const Json content = parse_json(post(two).body, "reply")["choices"][0]["logprobs"]["content"];
  ASSERT_EQ(std::ssize(content), model_.num_tokens("on the"));
  EXPECT_EQ(content[0]["token"], "on");
  EXPECT_NEAR(content[0]["logprob"].get<double>(), -0.25, kRounding);
  EXPECT_EQ(content[0]["bytes"], Json({'o', 'n'}));
  ASSERT_EQ(content[0]["top_logprobs"].size(), 2U);
  EXPECT_EQ(content[0]["top_logprobs"][0]["token"], "on");
  const Json half = content[0]["top_logprobs"][1];  // of a character
  EXPECT_EQ(half["token"], "\uFFFD");
  EXPECT_EQ(half["bytes"], Json({0xC3}));
  EXPECT_NEAR(half["logprob"].get<double>(), -2, kRounding);
  // A streamed reply has those of all its tokens in the chunk that closes it.
  Json streamed = two;
  streamed["stream"] = true;
  const std::vector<std::string> events = events_of(post(streamed).body);
  const Json closing = parse_json(events.at(events.size() - 2), "event");
  EXPECT_EQ(closing["choices"][0]["logprobs"]["content"], content);
  const Json none = parse_json(post(ask("on the", {{"logprobs", true}})).body, "reply");
  EXPECT_EQ(none["choices"][0]["logprobs"]["content"][0]["top_logprobs"], Json::array());
  EXPECT_TRUE(parse_json(post(ask("on the")).body, "reply")["choices"][0]["logprobs"].is_null());
}

TEST_F(ChatServerTest, SeveralReplies) {
  start();
  const Json whole = parse_json(post(ask("one two", {{"n", 3}})).body, "reply");
  ASSERT_EQ(whole["choices"].size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(whole["choices"][i]["index"], i);
    EXPECT_EQ(whole["choices"][i]["message"]["content"], "one two");
  }
  EXPECT_EQ(whole["usage"]["completion_tokens"], 3 * model_.num_tokens("one two"));

  std::map<int, std::string> texts;
  std::map<int, int> num_ended;
  std::vector<std::string> events =
      events_of(post(ask("one two", {{"n", 3}, {"stream", true}})).body);
  EXPECT_EQ(events.back(), "[DONE]");
  events.pop_back();
  for (const std::string& event : events) {
    const Json choice = parse_json(event, "event")["choices"][0];
    texts[choice["index"]] += choice["delta"].value("content", "");
    num_ended[choice["index"]] += choice["finish_reason"].is_null() ? 0 : 1;
  }
  EXPECT_EQ(texts, (std::map<int, std::string>{{0, "one two"}, {1, "one two"}, {2, "one two"}}));
  EXPECT_EQ(num_ended, (std::map<int, int>{{0, 1}, {1, 1}, {2, 1}}));
}

TEST_F(ChatServerTest, ForcedChoices) {
  start();
  const auto chosen = [&](const Json& more) {
    const Json reply = parse_json(post(ask("yes", more)).body, "reply");
    return reply["choices"][0]["message"]["content"].get<std::string>();
  };
  // The model would reply "yes".
  EXPECT_EQ(chosen({{"structured_outputs", {{"choice", {"no", "yes"}}}}}), "yes");
  EXPECT_EQ(chosen({{"guided_choice", {"no", "never"}}}).substr(0, 1), "n");
  const Json reply = parse_json(
      post(ask("yes", {{"structured_outputs", {{"choice", {"no", "yes"}}}}, {"logprobs", true}}))
          .body,
      "reply");
  EXPECT_EQ(reply["usage"]["completion_tokens"], model_.num_tokens("yes"));
  for (const Json& token : reply["choices"][0]["logprobs"]["content"]) {
    EXPECT_NEAR(token["logprob"], -0.25, 1e-4);
  }
  const std::vector<std::string> events = events_of(
      post(ask("yes", {{"guided_choice", {"no", "yes"}}, {"stream", true}, {"n", 2}})).body);
  ASSERT_EQ(events.size(), 7u);  // two that open, two texts, two that close, the end
  EXPECT_EQ(parse_json(events[3], "event")["choices"][0]["delta"]["content"], "yes");
  const HttpReply long_one = post(ask("yes", {{"guided_choice", {"no", std::string(400, 'x')}}}));
  EXPECT_EQ(long_one.status, 400) << long_one.body;
}

TEST_F(ChatServerTest, ErrorsInTheFormOfTheApi) {
  start();
  HttpReply reply = post(ask("x", {{"model", "gpt-4"}}));
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(error_of(reply)["code"], "model_not_found");
  EXPECT_EQ(error_of(reply)["param"], "model");

  reply = post(ask("x", {{"n", 300}}));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(error_of(reply)["type"], "invalid_request_error");
  EXPECT_EQ(error_of(reply)["param"], "n");

  EXPECT_EQ(post(ask("bad")).status, 400);
  reply = post(ask("fail"));
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(error_of(reply)["message"], "internal error");

  reply = post(ask(std::string(101, 'x')));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(error_of(reply)["code"], "context_length_exceeded");
  EXPECT_EQ(post(ask(std::string(60, 'x'))).status, 200);

  net::HttpRequest form = request(ask("x"));
  form.headers = {{"Content-Type", "text/plain"}};
  EXPECT_EQ(client_.fetch(form).status, 415);
  EXPECT_EQ(get("/v1/none").status, 404);
  EXPECT_EQ(error_of(get("/v1/chat/completions"))["type"], "invalid_request_error");
  EXPECT_EQ(get("/v1/chat/completions").status, 405);
}

// A length is an upper bound; a reply that it cuts says so.
TEST_F(ChatServerTest, LengthsGiveWayToTheContext) {
  start();
  const std::string text(97, 'x');  // of 100 positions
  for (const Json& more : {Json::object(), Json{{"max_tokens", 100'000}}}) {
    const Json reply = parse_json(post(ask(text, more)).body, "reply");
    EXPECT_EQ(reply["choices"][0]["finish_reason"], "length") << more;
    EXPECT_EQ(reply["usage"]["completion_tokens"], 3) << more;
  }
}

TEST_F(ChatServerTest, WhatIsIgnoredIsNamedInTheReply) {
  start();
  const Json more = {{"reasoning_effort", "low"}, {"mystery", 1}, {"user", "u"}};
  const Json whole = parse_json(post(ask("one two", more)).body, "reply");
  EXPECT_EQ(whole["ignored"], Json({"reasoning_effort", "mystery"}));
  EXPECT_FALSE(parse_json(post(ask("one two")).body, "reply").contains("ignored"));
  Json streamed = ask("one two", more);
  streamed["stream"] = true;
  const std::vector<std::string> events = events_of(post(streamed).body);
  EXPECT_EQ(parse_json(events.at(0), "event")["ignored"], Json({"reasoning_effort", "mystery"}));
  EXPECT_FALSE(parse_json(events.at(1), "event").contains("ignored"));
  EXPECT_EQ(log_.str().find("mystery"), std::string::npos);
}

TEST_F(ChatServerTest, ContentTypesInAnyCase) {
  start();
  net::HttpRequest spelled = request(ask("x"));
  spelled.headers = {{"content-type", "Application/JSON; Charset=UTF-8"}};
  EXPECT_EQ(client_.fetch(spelled).status, 200);
}

TEST_F(ChatServerTest, PathsOfTheProtocol) {
  start();
  const HttpReply one = get("/v1/models/echo");
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(parse_json(one.body, "reply")["object"], "model");
  EXPECT_EQ(parse_json(one.body, "reply")["id"], "echo");
  EXPECT_EQ(get("/v1/models/echo/").status, 200);
  const HttpReply other = get("/v1/models/org/other");
  EXPECT_EQ(other.status, 404);
  EXPECT_EQ(error_of(other)["code"], "model_not_found");
  EXPECT_EQ(get("/v1/models/").status, 200);
  EXPECT_EQ(get("/health/").status, 200);
  EXPECT_EQ(client_.fetch({"HEAD", cat("http://127.0.0.1:", server_->port(), "/v1/models")}).status,
            200);
  net::HttpRequest slash = request(ask("x"));
  slash.url += "/";
  EXPECT_EQ(client_.fetch(slash).status, 200);
  const HttpReply wrong = get("/v1/chat/completions");
  EXPECT_EQ(wrong.headers.get("Allow"), "POST");
  for (const char* path : {"/v1/completions", "/v1/embeddings", "/v1/responses", "/"}) {
    net::HttpRequest request = this->request(ask("x"));
    request.url = cat("http://127.0.0.1:", server_->port(), path);
    const HttpReply none = client_.fetch(request);
    EXPECT_EQ(none.status, 404) << path;
    EXPECT_EQ(error_of(none)["type"], "not_found_error");
    EXPECT_NE(error_of(none)["message"].get<std::string>().find("POST /v1/chat/completions"),
              std::string::npos)
        << none.body;
  }
}

TEST_F(ChatServerTest, ModelNamesWithSlashes) {
  EchoModel model;
  ChatBackend backend = model.backend();
  backend.model = "Org/Model-2B";
  ServeOptions options;
  options.port = 0;
  ChatServer server(options, backend, {}, log_);
  server.start();
  net::HttpClient client;
  for (const char* path : {"/v1/models/Org/Model-2B", "/v1/models/Org%2FModel-2B"}) {
    const HttpReply reply = client.fetch({"GET", cat("http://127.0.0.1:", server.port(), path)});
    EXPECT_EQ(reply.status, 200) << path;
    EXPECT_EQ(parse_json(reply.body, "reply")["id"], "Org/Model-2B");
  }
}

TEST_F(ChatServerTest, AnErrorInAStreamIsAnEvent) {
  start();
  const HttpReply reply = post(ask("fail", {{"stream", true}}));
  const std::vector<std::string> events = events_of(reply.body);
  EXPECT_TRUE(parse_json(events.back(), "event").contains("error"));
}

TEST_F(ChatServerTest, BodiesAboveTheLimit) {
  ServeOptions options;
  options.max_body_mib = 1;
  start(options);
  const HttpReply reply = post(ask(std::string(2 << 20, 'x')));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(error_of(reply)["type"], "invalid_request_error");
}

TEST_F(ChatServerTest, ModelsAndHealth) {
  start();
  const Json models = parse_json(get("/v1/models").body, "reply");
  EXPECT_EQ(models["object"], "list");
  EXPECT_EQ(models["data"][0]["id"], "echo");
  EXPECT_EQ(get("/health").status, 200);
}

TEST_F(ChatServerTest, ParallelRequestsRunTogetherAndGetTheirOwnReplies) {
  ServeOptions options;
  options.gather_ms = 50;
  start(options);
  constexpr int kRequests = 64;
  int num_good = 0;
  for (int i = 0; i < kRequests; ++i) {
    const std::string text = cat("request number ", i);
    client_.start(request(ask(text)), [&num_good, text](const HttpReply& reply) {
      num_good += reply.status == 200 &&
                  parse_json(reply.body, "reply")["choices"][0]["message"]["content"] == text;
    });
  }
  while (client_.num_in_flight() > 0) client_.wait(1s);
  EXPECT_EQ(num_good, kRequests);
  const int64_t largest = std::ranges::max(model_.engine.rows_per_step());
  EXPECT_GT(largest, 1);
  EXPECT_LE(largest, 16);
}

TEST_F(ChatServerTest, TellsClientsWhenTheQueueIsFull) {
  ServeOptions options;
  options.max_waiting = 1;
  options.max_batch = 1;
  start(options);
  model_.gated = true;
  int num_served = 0;
  const auto count = [&](const HttpReply& reply) { num_served += reply.status == 200; };
  client_.start(request(ask("first")), count);
  while (!model_.entered.try_acquire()) client_.wait(1ms);
  client_.start(request(ask("second")), count);
  // The third is refused as soon as the second waits; until then the roles may be swapped.
  HttpReply refused;
  client_.start(request(ask("third")), [&](HttpReply reply) { refused = std::move(reply); });
  while (client_.num_in_flight() == 3) client_.wait(1s);
  model_.gated = false;
  model_.gate.release(10);
  while (client_.num_in_flight() > 0) client_.wait(1s);
  const bool third_was_refused = refused.status == 503;
  EXPECT_EQ(num_served, third_was_refused ? 2 : 1);
  if (third_was_refused) {
    EXPECT_EQ(refused.headers.get("Retry-After"), "1");
    EXPECT_EQ(error_of(refused)["type"], "server_error");
  }
}

TEST_F(ChatServerTest, LogsCountsAndNoContent) {
  start();
  post(ask("Mrs Example has a cough"));
  post(ask("fail"));
  post(ask("bad"));
  const int64_t num_tokens = model_.num_tokens("Mrs Example has a cough");
  EXPECT_NE(log_.str().find(cat("23 + ", num_tokens, " tokens")), std::string::npos) << log_.str();
  for (const char* content : {"Example", "cough", "patient", "fail", "picture"}) {
    EXPECT_EQ(log_.str().find(content), std::string::npos) << log_.str();
  }
}

TEST_F(ChatServerTest, CountsForPrometheus) {
  start();
  post(ask("one two three"));
  post(ask("four", {{"stream", true}}));
  post(ask("bad"));
  post(ask("fail"));
  client_.fetch({"POST", cat("http://127.0.0.1:", server_->port(), "/v1/chat/completions")});
  get("/nowhere");
  const HttpReply reply = get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.get("Content-Type"), kMetricsType);
  const int64_t num_reply_tokens = model_.num_tokens("one two three") + model_.num_tokens("four");
  const std::string requests = "litemedcot_http_requests_total{route=\"";
  const std::string chat = requests + "/v1/chat/completions\",status=";
  for (const std::string& line :
       {chat + "\"200\"} 2", chat + "\"400\"} 1", chat + "\"415\"} 1", chat + "\"500\"} 1",
        requests + "\",status=\"404\"} 1",
        std::string("litemedcot_chat_requests_total{outcome=\"completed\"} 2"),
        std::string("litemedcot_chat_requests_total{outcome=\"refused\"} 1"),
        std::string("litemedcot_chat_requests_total{outcome=\"failed\"} 1"),
        std::string("litemedcot_prompt_tokens_total 17"),
        cat("litemedcot_reply_tokens_total ", num_reply_tokens),
        std::string("litemedcot_requests_waiting 0"), std::string("litemedcot_connections 1"),
        std::string("litemedcot_wait_seconds_count 3"),
        std::string("litemedcot_request_seconds_count 2")}) {
    EXPECT_NE(reply.body.find(line + "\n"), std::string::npos) << line << "\n" << reply.body;
  }
}

TEST(ChatServer, SpeaksTls) {
  if (!net::SelfSigned::can_be_made()) GTEST_SKIP() << "the openssl program is missing";
  const net::SelfSigned made;
  EchoModel model;
  std::ostringstream log;
  ServeOptions options;
  options.port = 0;
  EXPECT_EQ(base_url(options, 80), "http://127.0.0.1:80/v1");
  options.tls_certificate = made.certificate();
  EXPECT_THROW(ChatServer(options, model.backend(), {}, log), InputError);
  options.tls_key = made.key();
  options.host = "localhost";
  ChatServer server(options, model.backend(), {}, log);
  server.start();
  EXPECT_EQ(base_url(options, server.port()), cat("https://localhost:", server.port(), "/v1"));
  net::HttpClientOptions trusting;
  trusting.ca_file = made.certificate();
  net::HttpClient client(trusting);
  const HttpReply reply = client.fetch(
      {"POST",
       base_url(options, server.port()) + "/chat/completions",
       {{"Content-Type", "application/json"}},
       R"({"model": "echo", "messages": [{"role": "user", "content": "hello"}], "stream": true})"});
  EXPECT_EQ(reply.status, 200) << reply.problem;
  EXPECT_NE(reply.body.find("[DONE]"), std::string::npos);  // the text may come in pieces
}

TEST(ChatServer, OptionsAreChecked) {
  EchoModel model;
  std::ostringstream log;
  ServeOptions options;
  options.port = 0;
  options.host = "0.0.0.0";
  EXPECT_THROW(ChatServer(options, model.backend(), {}, log), InputError);
  options.host = "127.0.0.1";
  options.api_key_env = "LMC_TEST_NO_SUCH_VARIABLE";
  EXPECT_THROW(ChatServer(options, model.backend(), {}, log), InputError);
  options.api_key_env = "";
  options.max_batch = 0;
  EXPECT_THROW(ChatServer(options, model.backend(), {}, log), InputError);
}

}  // namespace
}  // namespace lmc::serve
