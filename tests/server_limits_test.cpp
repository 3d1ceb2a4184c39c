// What many clients that mean no good can make a chat server take: memory, and the time of others.
// Short forms of these stand beside the sources of net and serve.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "base/data_url.h"    // make_data_url
#include "image/image.h"      // encode_png
#include "net/http_client.h"  // HttpClient
#include "net/raw_client.h"   // RawClient
#include "serve/chat_server.h"
#include "support/scripted_engine.h"

namespace lmc::tests {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Of this process, the server in it.
int64_t memory_mb(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::atoll(line.c_str() + key.size()) / 1000;
  }
  return 0;
}

void begin_peak_anew() { std::ofstream("/proc/self/clear_refs") << 5; }

class ServerLimits : public testing::Test {
 protected:
  void start(const std::string& token = "") {
    serve::ServeOptions options;
    options.port = 0;
    if (!token.empty()) {
      ::setenv("LMC_TEST_LIMITS_TOKEN", token.c_str(), 1);
      options.api_key_env = "LMC_TEST_LIMITS_TOKEN";
    }
    server_.emplace(options, serve::engine_backend("m", engine_, processor_),
                    infer::SamplingOptions(), log_);
    server_->start();
  }

  std::string url(const std::string& path) const {
    return cat("http://127.0.0.1:", server_->port(), path);
  }

  const prompt::Processor processor_{std::string(LMC_SOURCE_DIR) + "/tests/golden/prompt/model"};
  infer::ScriptedEngine engine_{processor_.tokenizer().size(),
                                infer::ScriptedEngine::Script([this](const prompt::ModelInput&) {
                                  return std::vector<int32_t>{processor_.end_ids()[0]};
                                })};
  std::ostringstream log_;
  std::optional<serve::ChatServer> server_;
};

TEST_F(ServerLimits, LongFortyHugeImages) {
  std::string body = R"({"model": "m", "messages": [{"role": "user", "content": [)"
                     R"({"type": "image_url", "image_url": {"url": ")";
  {
    constexpr int64_t kSide = 13'300;  // 177 million pixels
    const image::Image gray{kSide, kSide, std::vector<uint8_t>(kSide * kSide * 3, 90)};
    body += make_data_url("image/png", image::encode_png(gray)) + "\"}}]}]}";
  }
  start();
  begin_peak_anew();
  net::HttpClient client;
  int num_good = 0;
  for (int i = 0; i < 40; ++i) {
    client.start({"POST",
                  url("/v1/chat/completions"),
                  {{"Content-Type", "application/json"}},
                  body,
                  std::chrono::milliseconds(600s)},
                 [&](const net::HttpReply& reply) { num_good += reply.status == 200; });
  }
  while (client.num_in_flight() > 0) client.wait(1s);
  EXPECT_EQ(num_good, 40);
  EXPECT_LT(memory_mb("VmHWM:"), 2000);
}

TEST_F(ServerLimits, LongTwentyLargeBodiesWithoutAToken) {
  start("open sesame");
  begin_peak_anew();
  std::vector<std::jthread> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back([port = server_->port()] {
      net::RawClient raw(port);
      raw.send(
          "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
          "Content-Type: application/json\r\nContent-Length: 60000001\r\n\r\n");
      const std::string megabyte(1'000'000, ' ');
      for (int k = 0; k < 60 && raw.send(megabyte); ++k) {
      }
    });
  }
  clients.clear();
  EXPECT_LT(memory_mb("VmHWM:"), 300);
}

TEST_F(ServerLimits, LongFourHundredSlowConnections) {
  start();
  std::vector<net::RawClient> slow;
  for (int i = 0; i < 400; ++i) {
    slow.emplace_back(server_->port());
    slow.back().send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX: ");
  }
  for (int i = 0; i < 15; ++i) {
    const auto begin = Clock::now();
    net::HttpClient client;
    EXPECT_EQ(client.fetch({"GET", url("/health")}).status, 200);
    EXPECT_LT(Clock::now() - begin, 1s);
    for (net::RawClient& raw : slow) raw.send("x");
    std::this_thread::sleep_for(1s);
  }
  // None of them has sent a head within the 10 s that it may take.
  const auto num_ended = std::count_if(slow.begin(), slow.end(), [](net::RawClient& raw) {
    raw.receive(1ms);
    return raw.was_ended();
  });
  EXPECT_EQ(num_ended, 400);
}

}  // namespace
}  // namespace lmc::tests
