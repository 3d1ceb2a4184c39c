// The server by TLS, against our own client and others.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <semaphore>
#include <stop_token>

#include "base/check.h"  // InputError, cat
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/raw_client.h"
#include "net/self_signed.h"

namespace lmc::net {
namespace {

using namespace std::chrono_literals;
using Outcome = HttpReply::Outcome;

ServerReply text(std::string body) { return {200, "text/plain", {}, std::move(body), {}}; }

class Https : public testing::Test {
 protected:
  void SetUp() override {
    if (!SelfSigned::can_be_made()) GTEST_SKIP() << "the openssl program is missing";
    signed_.emplace();
    options_.tls_certificate = signed_->certificate();
    options_.tls_key = signed_->key();
  }

  void start() {
    server_.emplace(options_);
    server_->route("POST", "/echo",
                   [](const ServerRequest& request) { return text(request.body); });
    server_->route("GET", "/stream", [](const ServerRequest&) {
      ServerReply reply;
      reply.stream = [](const SendChunk& send) {
        for (int i = 0; i < 50; ++i) send(std::string(10'000, static_cast<char>('a' + i % 26)));
        return send("end");
      };
      return reply;
    });
    server_->start();
  }

  std::string url(const std::string& path) const {
    return cat("https://localhost:", server_->port(), path);
  }

  HttpClientOptions trusting() const {
    HttpClientOptions options;
    options.ca_file = signed_->certificate();
    return options;
  }

  // Errors of the files, as the user reads them.
  std::string problem_of(const std::string& certificate, const std::string& key) {
    options_.tls_certificate = certificate;
    options_.tls_key = key;
    try {
      const HttpServer server(options_);
      return "none";
    } catch (const InputError& error) {
      return error.what();
    }
  }

  HttpServerOptions options_;
  std::optional<SelfSigned> signed_;
  std::optional<HttpServer> server_;
};

TEST_F(Https, WholeAndStreamedReplies) {
  start();
  HttpClient client(trusting());
  for (const size_t size : {size_t{0}, size_t{1}, size_t{3'000'000}}) {
    const HttpReply reply = client.fetch({"POST", url("/echo"), {}, std::string(size, 'x')});
    ASSERT_EQ(reply.outcome, Outcome::kReply) << reply.problem;
    EXPECT_EQ(reply.body, std::string(size, 'x'));
  }
  const HttpReply streamed = client.fetch({"GET", url("/stream")});
  EXPECT_EQ(streamed.body.size(), 500'003U);
  EXPECT_TRUE(streamed.body.ends_with("end"));
}

TEST_F(Https, ManyClientsAtOnce) {
  start();
  HttpClient client(trusting());
  int num_good = 0;
  for (int i = 0; i < 100; ++i) {
    client.start({"POST", url("/echo"), {}, cat("body ", i)},
                 [&, i](const HttpReply& reply) { num_good += reply.body == cat("body ", i); });
  }
  while (client.num_in_flight() > 0) client.wait(1s);
  EXPECT_EQ(num_good, 100);
}

TEST_F(Https, WhoDoesNotSpeakTlsIsLetGo) {
  options_.head_timeout = 500ms;
  start();
  RawClient plain(server_->port());
  plain.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(plain.receive(5s).find("HTTP/1.1 200"), std::string::npos);
  EXPECT_TRUE(plain.was_ended());
  RawClient silent(server_->port());
  silent.receive(5s);
  EXPECT_TRUE(silent.was_ended());
  HttpClient strict;
  EXPECT_EQ(strict.fetch({"POST", url("/echo"), {}, "hi"}).outcome, Outcome::kNotTrusted);
  HttpClient client(trusting());
  EXPECT_EQ(client.fetch({"POST", url("/echo"), {}, "hi"}).body, "hi");
}

// A client that sends first and reads later sees why it was refused.
TEST_F(Https, RefusalsReachWhoStillSends) {
  options_.bearer_token = "open sesame";
  start();
  HttpClient client(trusting());
  for (int i = 0; i < 5; ++i) {
    const HttpReply reply =
        client.fetch({"POST", url("/echo"), {{"Expect", ""}}, std::string(4'000'000, 'x')});
    EXPECT_EQ(reply.status, 401) << reply.problem;
  }
  const HttpReply known = client.fetch(
      {"POST", url("/echo"), {{"Authorization", "Bearer open sesame"}}, std::string("hi")});
  EXPECT_EQ(known.body, "hi");
}

TEST_F(Https, AHandlerLearnsThatItsClientLeft) {
  server_.emplace(options_);
  std::binary_semaphore entered{0};
  std::atomic<bool> has_left = false;
  server_->route("GET", "/wait", [&](const ServerRequest& request) {
    std::binary_semaphore left{0};
    const std::stop_callback callback(request.client_left, [&] { left.release(); });
    entered.release();
    has_left = left.try_acquire_for(20s);
    return text("late");
  });
  server_->start();
  {
    HttpClient client(trusting());
    client.start({"GET", url("/wait")}, [](const HttpReply&) {});
    while (!entered.try_acquire()) client.wait(10ms);
  }
  server_->stop();
  EXPECT_TRUE(has_left);
}

TEST_F(Https, BeyondThisMachineWithAToken) {
  options_.host = "0.0.0.0";
  EXPECT_THROW(HttpServer{options_}, InputError);
  options_.bearer_token = "open sesame";
  start();
  HttpClient client(trusting());
  EXPECT_EQ(client.fetch({"POST", url("/echo"), {}, "hi"}).status, 401);
  EXPECT_EQ(
      client.fetch({"POST", url("/echo"), {{"Authorization", "Bearer open sesame"}}, "hi"}).body,
      "hi");
}

TEST_F(Https, FilesThatCannotBeUsed) {
  const SelfSigned other;
  const SelfSigned hidden("a passphrase");
  const std::string certificate = signed_->certificate();
  EXPECT_EQ(problem_of(certificate, signed_->key()), "none");
  EXPECT_NE(problem_of(certificate, "").find("a certificate needs its key"), std::string::npos);
  EXPECT_NE(problem_of(certificate + ".no", signed_->key()).find(".no"), std::string::npos);
  EXPECT_TRUE(problem_of(signed_->key(), signed_->key())
                  .starts_with(signed_->key() + ": expected a certificate in PEM"));
  for (const std::string& key : {certificate, other.key(), hidden.key()}) {
    EXPECT_TRUE(problem_of(certificate, key).starts_with(key + ": expected the private key"))
        << problem_of(certificate, key);
  }
}

}  // namespace
}  // namespace lmc::net
