// What a chat server takes from clients that mean no good, or that leave.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/data_url.h"    // make_data_url
#include "base/heap.h"        // limit_heaps
#include "base/json.h"        // Json, parse_json
#include "image/image.h"      // encode_png
#include "net/http_client.h"  // HttpClient
#include "net/raw_client.h"   // RawClient
#include "serve/chat_server.h"
#include "serve/echo_model.h"

namespace lmc::serve {
namespace {

using namespace std::chrono_literals;
using net::HttpReply;
using net::RawClient;

// As a process that serves does, before there are threads.
class FewHeaps : public testing::Environment {
  void SetUp() override { limit_heaps(kMaxHeaps); }
};
const auto* const few_heaps = testing::AddGlobalTestEnvironment(new FewHeaps);

class ChatLimitsTest : public testing::Test {
 protected:
  void start(ServeOptions options = {}) { start(options, model_.backend()); }

  void start(ServeOptions options, ChatBackend backend) {
    options.port = 0;
    infer::SamplingOptions defaults;
    defaults.max_new_tokens = 50;
    server_.emplace(options, std::move(backend), defaults, log_);
    server_->start();
  }

  void TearDown() override { model_.gate.release(1000); }

  std::string url() const { return cat("http://127.0.0.1:", server_->port()); }

  HttpReply post(const std::string& body, net::Headers headers = {}) {
    if (headers.get("Content-Type").empty()) headers.add("Content-Type", "application/json");
    return client_.fetch({"POST", url() + "/v1/chat/completions", headers, body});
  }

  static std::string body_of(const std::string& text, const std::string& more = "") {
    return cat(R"({"model": "echo", "messages": [{"role": "user", "content": ")", text, "\"}]",
               more, "}");
  }

  static std::string wire(const std::string& body) {
    return cat("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n",
               "Content-Type: application/json\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
  }

  EchoModel model_;
  std::ostringstream log_;
  std::optional<ChatServer> server_;
  net::HttpClient client_;
};

TEST_F(ChatLimitsTest, NoTypeThatAPageMaySendUnasked) {
  start();
  for (const char* type : {"text/plain;application/json", "text/plain; charset=application/json",
                           "application/x-www-form-urlencoded, application/json",
                           "multipart/form-data; boundary=application/json", "application/jsonp",
                           "xapplication/json", "application/json-patch+json"}) {
    EXPECT_EQ(post(body_of("x"), {{"Content-Type", type}}).status, 415) << type;
  }
  EXPECT_EQ(post(body_of("x"), {{"Content-Type", "APPLICATION/json ;charset=utf-8"}}).status, 200);
  EXPECT_EQ(post(body_of("x"), {{"Origin", "https://evil.example.org"}}).status, 403);
  EXPECT_EQ(post(body_of("x"), {{"Origin", url()}}).status, 200);
  EXPECT_EQ(post(body_of("x"), {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
  EXPECT_EQ(model_.engine.prompts().size(), 2U);
}

TEST_F(ChatLimitsTest, ATokenFromAFileEndsWithItsLine) {
  ::setenv("LMC_TEST_SERVE_TOKEN", "open sesame\r\n", 1);
  ServeOptions options;
  options.api_key_env = "LMC_TEST_SERVE_TOKEN";
  start(options);
  EXPECT_EQ(post(body_of("x")).status, 401);
  EXPECT_EQ(post(body_of("x"), {{"Authorization", "bearer open sesame"}}).status, 200);
  ::setenv("LMC_TEST_SERVE_TOKEN", "\n", 1);
  EXPECT_THROW(ChatServer(options, model_.backend(), {}, log_), InputError);
}

TEST_F(ChatLimitsTest, NumbersOutOfRangeAreTheClientsFault) {
  start();
  for (const char* value : {"1e999", "-1e999", "18446744073709551616e300"}) {
    for (const char* key : {"temperature", "top_p", "min_p", "max_tokens", "seed", "top_k",
                            "presence_penalty", "repetition_penalty", "unknown"}) {
      const HttpReply reply = post(body_of("x", cat(", \"", key, "\": ", value)));
      EXPECT_EQ(reply.status, 400) << key << " " << value << reply.body;
    }
  }
  for (const char* number : {"1e-320", "5e-324", "1e-40", "3e-39", "1e-6"}) {
    const HttpReply reply = post(body_of("one two", cat(", \"temperature\": ", number)));
    ASSERT_EQ(reply.status, 200) << number << reply.body;
    EXPECT_EQ(parse_json(reply.body, "reply")["choices"][0]["message"]["content"], "one two");
  }
  EXPECT_EQ(post(body_of("x", ", \"max_tokens\": 18446744073709551615")).status, 400);
  EXPECT_EQ(post(body_of("x", ", \"max_tokens\": 9223372036854775807")).status, 200);
}

TEST_F(ChatLimitsTest, OneJsonTextAndNothingBehindIt) {
  start();
  const std::string good = body_of("x");
  EXPECT_EQ(post(good + " \n").status, 200);
  for (const std::string& more :
       {std::string(1, '\0'), std::string("\0{}", 3), std::string("{}"), std::string("x")}) {
    EXPECT_EQ(post(good + more).status, 400);
  }
  EXPECT_EQ(post(std::string(1'000'000, '[')).status, 400);
}

// "$(base64 FILE)" between quotes.
TEST_F(ChatLimitsTest, TextsWithLineBreaksAsShellsMakeThem) {
  start();
  const HttpReply reply = post(body_of("one\ntwo\r\nthree \\\" \\\\", ",\n\"user\":\r\n\"a\\\\\""));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(parse_json(reply.body, "reply")["choices"][0]["message"]["content"],
            "one\ntwo\r\nthree \" \\");
}

TEST_F(ChatLimitsTest, WhoLeavesIsDroppedAndMakesRoom) {
  ServeOptions options;
  options.max_batch = 1;
  options.max_waiting = 3;
  start(options);
  model_.gated = true;
  RawClient first(server_->port());
  first.send(wire(body_of("first")));
  model_.entered.acquire();
  // Three places for 30 clients, of whom none stays.
  for (int i = 0; i < 30; ++i) {
    RawClient gone(server_->port());
    gone.send(wire(body_of(cat("gone ", i), i % 2 == 0 ? ", \"stream\": true" : "")));
    if (i % 3 == 0) std::this_thread::sleep_for(5ms);
  }
  std::string taken = "HTTP/1.1 503 ";
  std::optional<RawClient> honest;
  for (int i = 0; i < 200 && taken.starts_with("HTTP/1.1 503 "); ++i) {
    honest.emplace(server_->port());
    honest->send(wire(body_of("honest")));
    taken = honest->receive_until("\r\n", 100ms);
  }
  EXPECT_EQ(taken, "");  // it waits
  model_.gated = false;
  model_.gate.release(1000);
  EXPECT_NE(honest->receive_until("honest", 20s).find("honest"), std::string::npos);
  EXPECT_NE(first.receive_until("first", 20s).find("first"), std::string::npos);
  server_->stop();
  // Those that had left were never run; a few may have come to the queue after it was open again.
  EXPECT_LE(model_.engine.prompts().size(), 5U);
}

TEST_F(ChatLimitsTest, ErrorsOfOursAreLoggedWithoutWhatTheyQuote) {
  start();  // without --log-requests
  EXPECT_EQ(post(body_of("fail")).status, 500);
  EXPECT_EQ(post(body_of("good")).status, 200);
  EXPECT_EQ(post(body_of("bad")).status, 400);
  server_->stop();
  EXPECT_NE(log_.str().find("internal error, please report it: the row \"... (14 bytes)\" broke"),
            std::string::npos)
      << log_.str();
  EXPECT_EQ(log_.str().find("patient"), std::string::npos);
  EXPECT_EQ(std::ranges::count(log_.str(), '\n'), 1);
}

int64_t memory_mib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::atoll(line.c_str() + key.size()) / 1024;
  }
  return 0;
}

TEST_F(ChatLimitsTest, ImagesAreDecodedAFewAtATime) {
  const prompt::Processor processor(std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt/model");
  infer::ScriptedEngine engine(processor.tokenizer().size(),
                               infer::ScriptedEngine::Script([&](const auto&) {
                                 return std::vector<int32_t>{processor.end_ids()[0]};
                               }));
  start({}, engine_backend("echo", engine, processor, {}, {size_t{100} << 20, size_t{2} << 20}));
  constexpr int64_t kSide = 3000;  // 117 MB by the reckoning: more than the limit, so one at a time
  std::string image;
  {
    const image::Image gray{kSide, kSide, std::vector<uint8_t>(kSide * kSide * 3, 90)};
    image = make_data_url("image/png", image::encode_png(gray));
  }
  const std::string small = make_data_url(
      "image/png", image::encode_png({64, 64, std::vector<uint8_t>(64 * 64 * 3, 90)}));
  const auto body = [](const std::string& url) {
    return cat(R"({"model": "echo", "messages": [{"role": "user", "content": [)",
               R"({"type": "image_url", "image_url": {"url": ")", url, "\"}}]}]}");
  };
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak begins anew
  const int64_t before = memory_mib("VmRSS:");
  int num_good = 0;
  const auto count = [&](const HttpReply& reply) { num_good += reply.status == 200; };
  for (int i = 0; i < 24; ++i) {
    client_.start({"POST",
                   url() + "/v1/chat/completions",
                   {{"Content-Type", "application/json"}},
                   body(i % 8 == 0 ? small : image)},
                  count);
  }
  while (client_.num_in_flight() > 0) client_.wait(1s);
  server_->stop();  // before the engine goes
  EXPECT_EQ(num_good, 24);
  // One decoded image is 26 MiB. Each heap may keep one and hold another; 21 at once would be 540.
  EXPECT_LT(memory_mib("VmHWM:") - before, kMaxHeaps * 2 * 26);
}

}  // namespace
}  // namespace lmc::serve
