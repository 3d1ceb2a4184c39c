// What a server takes from clients that it does not know: slow, endless, malformed, gone.
#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <thread>
#include <vector>

#include "base/check.h"  // cat
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/raw_client.h"

namespace lmc::net {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

ServerReply text(std::string body) { return {200, "text/plain", {}, std::move(body), {}}; }

class HttpLimits : public testing::Test {
 protected:
  void start(HttpServerOptions options = {}) {
    server_.emplace(std::move(options));
    server_->route("GET", "/health", [](const ServerRequest&) { return text("well"); });
    server_->route("POST", "/echo", [this](const ServerRequest& request) {
      ++num_handled_;
      return text(request.body);
    });
    server_->route("GET", "/path/*",
                   [](const ServerRequest& request) { return text(request.path); });
    server_->route(
        "POST", "/judged", [](const ServerRequest& request) { return text(request.body); },
        [](const ServerRequest& head) -> std::optional<ServerReply> {
          if (media_type_of(head.headers.get("Content-Type")) == "text/plain") return {};
          return ServerReply{415, "text/plain", {}, "no", {}};
        });
    server_->start();
  }

  RawClient client() const { return RawClient(server_->port()); }

  // The reply to these bytes, and whether the server then ends the connection.
  std::string reply_to(std::string_view bytes) const {
    RawClient raw = client();
    raw.send(bytes);
    return raw.receive();
  }

  bool is_healthy() const {
    HttpClient http;
    return http.fetch({"GET", cat("http://127.0.0.1:", server_->port(), "/health")}).body == "well";
  }

  std::atomic<int> num_handled_{0};
  std::optional<HttpServer> server_;
};

size_t count_of(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

constexpr std::string_view kHost = "Host: localhost\r\n";

TEST_F(HttpLimits, WithoutTheTokenNoBodyIsRead) {
  HttpServerOptions options;
  options.bearer_token = "open sesame";
  start(options);
  RawClient raw = client();
  // The body never comes: the head alone is answered.
  raw.send(cat("POST /echo HTTP/1.1\r\n", kHost, "Content-Length: 60000000\r\n\r\n"));
  const std::string reply = raw.receive();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 401 ")) << reply;
  EXPECT_NE(reply.find("WWW-Authenticate: Bearer"), reply.npos);
  EXPECT_TRUE(raw.was_ended());
  // A client that sends all the same still sees why it was refused.
  RawClient pusher = client();
  pusher.send(cat("POST /echo HTTP/1.1\r\n", kHost, "Content-Length: 4000000\r\n\r\n"));
  pusher.send(std::string(4'000'000, 'x'));
  EXPECT_TRUE(pusher.receive().starts_with("HTTP/1.1 401 "));
  EXPECT_EQ(num_handled_, 0);
  RawClient known = client();
  known.send(cat("POST /echo HTTP/1.1\r\n", kHost,
                 "authorization: bearer open sesame\r\nContent-Length: 2\r\n\r\nhi"));
  EXPECT_TRUE(known.receive_until("\r\n\r\nhi", 20s).ends_with("\r\n\r\nhi"));
}

TEST_F(HttpLimits, HeadsAreBounded) {
  start();
  const std::string line = cat("GET /health HTTP/1.1\r\n", kHost);
  EXPECT_TRUE(reply_to(line + "X: " + std::string(1'000'000, 'x')).starts_with("HTTP/1.1 431 "));
  std::string fields = line;
  for (int i = 0; i < 5000; ++i) fields += "Ab: c\r\n";
  EXPECT_TRUE(reply_to(fields + "\r\n").starts_with("HTTP/1.1 431 "));
  std::string some_fields = line;
  for (int i = 0; i < 120; ++i) some_fields += "Ab: c\r\n";
  EXPECT_TRUE(reply_to(some_fields + "\r\n").starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(
      reply_to("GET /" + std::string(10'000, 'a') + " HTTP/1.1\r\n" + std::string(kHost) + "\r\n")
          .starts_with("HTTP/1.1 414 "));
  EXPECT_TRUE(reply_to("GET /" + std::string(3'000'000, 'a')).starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(is_healthy());
}

TEST_F(HttpLimits, WhatIsNoHttpIsRefused) {
  start();
  for (const std::string& wrong :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        std::string("hello\r\n\r\n"), cat("GET /health HTTP/1.1\n", kHost, "\n"),
        cat("GET  /health HTTP/1.1\r\n", kHost, "\r\n"),
        cat("GET /health HTTP/1.1\r\n", kHost, "A B: c\r\n\r\n"),
        cat("GET /health HTTP/1.1\r\n", kHost, "A : c\r\n\r\n"),
        cat("POST /echo HTTP/1.1\r\n", kHost, "Content-Length: +93\r\n\r\n"),
        cat("POST /echo HTTP/1.1\r\n", kHost, "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        cat("POST /echo HTTP/1.1\r\n", kHost, "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
        cat("POST /echo HTTP/1.1\r\n", kHost,
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        cat("POST /echo HTTP/1.1\r\n", kHost,
            "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
        cat("POST /echo HTTP/1.1\r\n", kHost, "Transfer-Encoding: gzip\r\n\r\nabc"),
        cat("POST /echo HTTP/1.1\r\n", kHost,
            "Transfer-Encoding: x\r\nContent-Length: 3\r\n\r\nabc"),
        cat("POST /echo HTTP/1.1\r\n", kHost, "Transfer-Encoding: chunked\r\n\r\nno size\r\n"),
        std::string("GET /health HTTP/1.1\r\n\r\n")}) {
    const std::string reply = reply_to(wrong + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 ")) << wrong << "\n" << reply;
    EXPECT_EQ(count_of(reply, "HTTP/1.1 "), 1U) << reply;
  }
  EXPECT_EQ(num_handled_, 0);
}

// A body of a method that has none is no second request.
TEST_F(HttpLimits, BodiesOfAnyMethodAreDrained) {
  start();
  const std::string hidden = cat("GET /path/hidden HTTP/1.1\r\n", kHost, "\r\n");
  for (const char* method : {"GET", "HEAD", "OPTIONS", "DELETE", "BREW"}) {
    RawClient raw = client();
    raw.send(
        cat(method, " /health HTTP/1.1\r\n", kHost, "Content-Length: ", hidden.size(), "\r\n\r\n"));
    std::this_thread::sleep_for(20ms);
    raw.send(hidden);
    raw.send(cat("GET /path/last HTTP/1.1\r\n", kHost, "Connection: close\r\n\r\n"));
    const std::string reply = raw.receive();
    EXPECT_EQ(reply.find("hidden"), reply.npos) << method << "\n" << reply;
    const bool is_last_answered = reply.ends_with("/path/last");
    EXPECT_EQ(count_of(reply, "HTTP/1.1 "), is_last_answered ? 2U : 1U) << reply;
  }
}

TEST_F(HttpLimits, PipelinedRequestsAreAnsweredInTheirOrder) {
  start();
  std::string requests;
  for (int i = 0; i < 40; ++i) {
    const std::string body = cat("body ", i);
    requests += i % 3 == 0 ? cat("POST /echo HTTP/1.1\r\n", kHost, "Content-Length: ", body.size(),
                                 "\r\n\r\n", body)
                           : cat("GET /path/", i, " HTTP/1.1\r\n", kHost, "\r\n");
  }
  requests += cat("GET /path/end HTTP/1.1\r\n", kHost, "Connection: close\r\n\r\n");
  for (const size_t piece : {requests.size(), size_t{100}, size_t{7}}) {
    RawClient raw = client();
    for (size_t at = 0; at < requests.size(); at += piece) raw.send(requests.substr(at, piece));
    const std::string reply = raw.receive();
    EXPECT_EQ(count_of(reply, "HTTP/1.1 200 "), 41U) << piece;
    size_t at = 0;
    for (int i = 0; i < 40; ++i) {
      at = reply.find(i % 3 == 0 ? cat("\r\n\r\nbody ", i) : cat("\r\n\r\n/path/", i), at);
      ASSERT_NE(at, reply.npos) << i;
    }
    EXPECT_TRUE(reply.ends_with("/path/end"));
  }
  // Who ends its side at once gets its replies as well.
  RawClient half = client();
  half.send(cat("GET /path/1 HTTP/1.1\r\n", kHost, "\r\nGET /path/2 HTTP/1.1\r\n", kHost, "\r\n"));
  half.end_own_side();
  EXPECT_EQ(count_of(half.receive(), "HTTP/1.1 200 "), 2U);
}

TEST_F(HttpLimits, AHeadIsJudgedBeforeItsBodyComes) {
  start();
  const auto head = [](const char* type) {
    return cat("POST /judged HTTP/1.1\r\n", kHost, "Content-Type: ", type,
               "\r\nContent-Length: 2\r\n\r\n");
  };
  RawClient refused = client();
  refused.send(head("text/html;text/plain"));
  EXPECT_TRUE(refused.receive().starts_with("HTTP/1.1 415 "));
  EXPECT_TRUE(refused.was_ended());
  RawClient taken = client();
  taken.send(head("Text/Plain ; charset=x"));
  taken.send("hi");
  EXPECT_TRUE(taken.receive_until("\r\n\r\nhi", 20s).starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpLimits, WhoAsksWhetherToGoOnIsTold) {
  HttpServerOptions options;
  options.max_body_bytes = 10;
  start(options);
  const auto head = [](int length) {
    return cat("POST /echo HTTP/1.1\r\n", kHost, "Expect: 100-continue\r\nContent-Length: ", length,
               "\r\n\r\n");
  };
  RawClient taken = client();
  taken.send(head(2));
  EXPECT_EQ(taken.receive_until("\r\n\r\n", 20s), "HTTP/1.1 100 Continue\r\n\r\n");
  taken.send("hi");
  EXPECT_TRUE(taken.receive_until("\r\n\r\nhi", 20s).starts_with("HTTP/1.1 200 "));
  RawClient eager = client();
  eager.send(cat("HEAD /health HTTP/1.1\r\n", kHost, "\r\n", head(2), "hi", "no HTTP\r\n\r\n"));
  const std::string replies = eager.receive();
  EXPECT_NE(replies.find("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), replies.npos);
  EXPECT_TRUE(replies.ends_with("not valid HTTP\n")) << replies;
  RawClient refused = client();
  refused.send(head(11));
  EXPECT_TRUE(refused.receive().starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpLimits, HttpOfOldClients) {
  start();
  const std::string reply = reply_to("GET /health HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 ")) << reply;
  EXPECT_TRUE(reply.ends_with("well"));
  EXPECT_TRUE(reply_to("GET /health HTTP/2.0\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 "));
}

TEST_F(HttpLimits, TimeRunsOutForHeadsBodiesAndIdleOnes) {
  HttpServerOptions options;
  options.head_timeout = 300ms;
  options.body_timeout = 300ms;
  options.keep_alive = 300ms;
  start(options);
  const auto expect_end = [&](RawClient& raw, std::string_view drip) {
    const auto begin = Clock::now();
    while (!raw.was_ended() && Clock::now() - begin < 20s) {
      raw.send(drip);
      raw.receive(50ms);
    }
    EXPECT_TRUE(raw.was_ended());
  };
  RawClient silent = client();
  expect_end(silent, "");
  RawClient slow_head = client();
  slow_head.send(cat("GET /health HTTP/1.1\r\n", kHost, "X: "));
  expect_end(slow_head, "x");
  RawClient slow_body = client();
  slow_body.send(cat("POST /echo HTTP/1.1\r\n", kHost, "Content-Length: 1000000\r\n\r\n"));
  expect_end(slow_body, "x");
  RawClient slow_chunks = client();
  slow_chunks.send(cat("POST /echo HTTP/1.1\r\n", kHost, "Transfer-Encoding: chunked\r\n\r\n"));
  expect_end(slow_chunks, "1\r\nx\r\n");
  RawClient idle = client();
  idle.send(cat("GET /health HTTP/1.1\r\n", kHost, "\r\n"));
  EXPECT_TRUE(idle.receive_until("well", 20s).ends_with("well"));
  expect_end(idle, "");
  EXPECT_EQ(num_handled_, 0);
  EXPECT_TRUE(is_healthy());
}

// They would hold all connections for ever; each newcomer takes the place of the slowest.
TEST_F(HttpLimits, SlowConnectionsShutOutNobody) {
  HttpServerOptions options;
  options.max_connections = 50;
  options.head_timeout = 60'000ms;
  start(options);
  std::vector<RawClient> slow;
  for (int i = 0; i < 120; ++i) {
    slow.push_back(client());
    EXPECT_TRUE(slow.back().is_connected());
    slow.back().send(cat("POST /echo HTTP/1.1\r\n", kHost, "Content-Length: 9\r\n"));
    if (i % 2 == 0) slow.back().send("\r\nhalf");
  }
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(is_healthy());
  int num_ended = 0;
  for (RawClient& raw : slow) {
    raw.receive(1ms);
    num_ended += raw.was_ended();
  }
  EXPECT_GE(num_ended, 120 - 50);
  EXPECT_EQ(num_handled_, 0);
}

TEST_F(HttpLimits, LargeBodiesShareTheirMemory) {
  HttpServerOptions options;
  options.max_body_bytes = 1'000'000;
  options.max_bodies_bytes = 2'500'000;
  start(options);
  const std::string head = cat("POST /echo HTTP/1.1\r\n", kHost, "Content-Length: 1000000\r\n\r\n");
  std::vector<RawClient> open;
  for (int i = 0; i < 2; ++i) {
    open.push_back(client());
    open.back().send(head + "the beginning");
  }
  std::string third;
  for (int i = 0; i < 100 && !third.starts_with("HTTP/1.1 503 "); ++i) {
    // Until both heads have been read.
    RawClient raw = client();
    raw.send(head);
    third = raw.receive_until("\r\n\r\n", 50ms);
  }
  EXPECT_TRUE(third.starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(reply_to(cat("POST /echo HTTP/1.1\r\n", kHost,
                           "Connection: close\r\nContent-Length: 5\r\n\r\nsmall"))
                  .ends_with("small"));
  open.front().leave();
  HttpClient http;
  int status = 0;
  for (int i = 0; i < 100 && status != 200; ++i) {
    status = http.fetch({"POST",
                         cat("http://127.0.0.1:", server_->port(), "/echo"),
                         {},
                         std::string(1'000'000, 'x')})
                 .status;
    if (status != 200) std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(status, 200);
}

TEST(HttpServer, AHandlerLearnsThatItsClientLeft) {
  HttpServer server({});
  std::counting_semaphore<> entered{0};
  std::atomic<int> num_left{0};
  const auto wait_for_end = [&](const ServerRequest& request) {
    entered.release();
    std::binary_semaphore left{0};
    const std::stop_callback callback(request.client_left, [&] { left.release(); });
    num_left += left.try_acquire_for(20s);
  };
  server.route("GET", "/whole", [&](const ServerRequest& request) {
    wait_for_end(request);
    return text("late");
  });
  server.route("GET", "/stream", [&](const ServerRequest& request) {
    ServerReply reply;
    reply.stream = [&, request](const SendChunk& send) {
      send("first");
      wait_for_end(request);
      return send("more");
    };
    return reply;
  });
  server.start();
  for (const char* path : {"/whole", "/stream"}) {
    for (const bool sends_more : {false, true}) {
      RawClient raw(server.port());
      raw.send(cat("GET ", path, " HTTP/1.1\r\n", kHost, "\r\n"));
      entered.acquire();
      if (sends_more) raw.send("GET /whole HT");
      raw.leave();
    }
  }
  server.stop();
  EXPECT_EQ(num_left, 4);
}

TEST(HttpServer, AClientThatDoesNotReadBlocksItselfAlone) {
  HttpServer server({});
  std::atomic<bool> was_told{false};
  server.route("GET", "/endless", [&](const ServerRequest&) {
    ServerReply reply;
    reply.stream = [&](const SendChunk& send) {
      const std::string piece(100'000, 'x');
      while (send(piece)) {
      }
      was_told = true;
      return false;
    };
    return reply;
  });
  server.route("GET", "/health", [](const ServerRequest&) { return text("well"); });
  server.start();
  {
    RawClient raw(server.port());
    raw.send(cat("GET /endless HTTP/1.1\r\n", kHost, "\r\n"));
    std::this_thread::sleep_for(200ms);  // the connection is full by now
    EXPECT_FALSE(was_told);
    HttpClient http;
    EXPECT_EQ(http.fetch({"GET", cat("http://127.0.0.1:", server.port(), "/health")}).body, "well");
  }
  server.stop();
  EXPECT_TRUE(was_told);
}

TEST(HttpServer, ErrorsOfHandlersAreLoggedAndNotSent) {
  std::string logged;
  HttpServerOptions options;
  options.log_error = [&](const std::string& what) { logged = what; };
  HttpServer server(options);
  server.route("GET", "/broken", [](const ServerRequest&) -> ServerReply {
    throw std::runtime_error("a wheel came off");
  });
  server.route("GET", "/split", [](const ServerRequest&) {
    return ServerReply{200, "text/plain", {{"X", "a\r\nSet-Cookie: b"}}, "", {}};
  });
  server.start();
  HttpClient client;
  const auto get = [&](const char* path) {
    return client.fetch({"GET", cat("http://127.0.0.1:", server.port(), path)});
  };
  const HttpReply reply = get("/broken");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body.find("wheel"), std::string::npos);
  EXPECT_EQ(logged, "a wheel came off");
  const HttpReply split = get("/split");
  EXPECT_EQ(split.status, 500);
  EXPECT_EQ(split.headers.get("Set-Cookie"), "");
}

TEST(HttpServer, AddressesStandInUrlsWithBrackets) {
  EXPECT_EQ(url_authority("127.0.0.1", 80), "127.0.0.1:80");
  EXPECT_EQ(url_authority("::1", 8080), "[::1]:8080");
  EXPECT_EQ(url_authority("fe80::1%eth0", 1), "[fe80::1%eth0]:1");
}

}  // namespace
}  // namespace lmc::net
