// Client and server against each other, on loopback.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <atomic>
#include <latch>
#include <thread>

#include "base/check.h"       // InputError, cat
#include "base/subprocess.h"  // Subprocess
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/self_signed.h"

namespace lmc::net {
namespace {

using namespace std::chrono_literals;
using Outcome = HttpReply::Outcome;

std::string url_of(const HttpServer& server, const std::string& path) {
  return cat("http://127.0.0.1:", server.port(), path);
}

HttpRequest post(const std::string& url, std::string body) {
  return {"POST", url, {{"Content-Type", "text/plain"}}, std::move(body)};
}

ServerReply text(std::string body) { return {200, "text/plain", {}, std::move(body), {}}; }

ServerReply echo(const ServerRequest& request) { return text(request.body); }

TEST(Http, EchoOnOneKeptConnection) {
  HttpServer server({});
  server.route("POST", "/echo", echo);
  server.start();
  HttpClient client;
  for (const size_t size : {size_t{0}, size_t{1}, size_t{100'000}, size_t{3'000'000}}) {
    const HttpReply reply = client.fetch(post(url_of(server, "/echo"), std::string(size, 'x')));
    EXPECT_EQ(reply.outcome, Outcome::kReply) << reply.problem;
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body.size(), size);
  }
}

TEST(Http, OneThreadHoldsManyRequests) {
  constexpr int kRequests = 200;
  HttpServer server({});
  // Every handler waits for all the others: the test ends only if all are in flight at once.
  std::latch all_here(kRequests);
  server.route("POST", "/meet", [&](const ServerRequest& request) {
    all_here.arrive_and_wait();
    return echo(request);
  });
  server.start();
  HttpClient client;
  int num_good = 0;
  for (int i = 0; i < kRequests; ++i) {
    client.start(post(url_of(server, "/meet"), cat(i)), [&num_good, i](const HttpReply& reply) {
      num_good += reply.status == 200 && reply.body == cat(i);
    });
  }
  while (client.num_in_flight() > 0) client.wait(1s);
  EXPECT_EQ(num_good, kRequests);
}

TEST(Http, CallbacksMayStartRequests) {
  HttpServer server({});
  server.route("POST", "/echo", echo);
  server.start();
  HttpClient client;
  int num_ended = 0;
  std::function<void(HttpReply)> again = [&](const HttpReply&) {
    if (++num_ended < 5) client.start(post(url_of(server, "/echo"), "x"), again);
  };
  client.start(post(url_of(server, "/echo"), "x"), again);
  while (client.num_in_flight() > 0) client.wait(1s);
  EXPECT_EQ(num_ended, 5);
}

TEST(Http, WhatCanGoWrongIsAValue) {
  HttpServerOptions options;
  options.keep_alive = 1s;
  HttpServer server(options);
  server.route("GET", "/slow", [](const ServerRequest&) {
    std::this_thread::sleep_for(300ms);
    return text("late");
  });
  server.route("GET", "/large", [](const ServerRequest&) { return text(std::string(5000, 'x')); });
  server.route("GET", "/cut", [](const ServerRequest&) {
    ServerReply reply;
    reply.stream = [](const SendChunk& send) {
      send("half of ");
      return false;
    };
    return reply;
  });
  server.route("GET", "/throws",
               [](const ServerRequest&) -> ServerReply { throw InputError("secret", "detail"); });
  server.start();
  HttpClient client;
  HttpRequest slow{"GET", url_of(server, "/slow"), {}, {}, 50ms};
  EXPECT_EQ(client.fetch(slow).outcome, Outcome::kTimeout);
  HttpRequest large{"GET", url_of(server, "/large"), {}, {}, 1000ms, 4999};
  EXPECT_EQ(client.fetch(large).outcome, Outcome::kTooLarge);
  large.max_reply_bytes = 5000;
  EXPECT_EQ(client.fetch(large).outcome, Outcome::kReply);
  EXPECT_EQ(client.fetch({"GET", url_of(server, "/cut")}).outcome, Outcome::kBroken);
  const HttpReply failed = client.fetch({"GET", url_of(server, "/throws")});
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.body.find("secret"), std::string::npos);
  EXPECT_EQ(client.fetch({"GET", url_of(server, "/none")}).status, 404);
  EXPECT_EQ(client.fetch(post(url_of(server, "/slow"), "x")).status, 405);
  const std::string url = url_of(server, "/slow");
  server.stop();
  EXPECT_EQ(client.fetch({"GET", url}).outcome, Outcome::kNotReached);
  EXPECT_THROW(client.fetch({"GET", "file:///etc/hostname"}), InputError);
  EXPECT_THROW(client.fetch({"GET", url, {{"X", "a\r\nY: b"}}}), InputError);
}

TEST(Http, BodiesAboveTheLimitAreRefused) {
  HttpServerOptions options;
  options.max_body_bytes = 1000;
  HttpServer server(options);
  server.route("POST", "/echo", echo);
  server.start();
  HttpClient client;
  const std::string url = url_of(server, "/echo");
  EXPECT_EQ(client.fetch(post(url, std::string(1000, 'x'))).status, 200);
  EXPECT_EQ(client.fetch(post(url, std::string(1001, 'x'))).status, 413);
  EXPECT_EQ(client.fetch(post(url, std::string(2'000'000, 'x'))).status, 413);
  HttpRequest chunked = post(url, std::string(1001, 'x'));
  chunked.headers.add("Transfer-Encoding", "chunked");
  EXPECT_EQ(client.fetch(chunked).status, 413);
  EXPECT_EQ(client.fetch(post(url, "still in step")).body, "still in step");
}

// Made by Python: gzip.compress(text, mtime=0), zlib.compress(text), gzip.compress(100,000 zeros).
constexpr const char* kPlain = "packed text, packed text, packed text";
constexpr std::string_view kGzip(
    "\037\213\010\000\000\000\000\000\002\003\053\110\114\316\116\115\121\050\111\255"
    "\050\321\121\050\300\301\001\000\314\314\257\074\045\000\000\000",
    36);
constexpr std::string_view kDeflate(
    "\170\234\053\110\114\316\116\115\121\050\111\255\050\321\121\050\300\301\001\000"
    "\377\325\015\200",
    24);
constexpr std::string_view kManyZeros(
    "\037\213\010\000\000\000\000\000\002\003\355\301\061\001\000\000\000\302\240\365"
    "\117\155\015\017\240\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\200\127\003\175\225\021\324\240\206\001\000",
    132);

Handler packed(const std::string& encoding, std::string_view bytes) {
  return [=](const ServerRequest&) {
    return ServerReply{
        200, "application/octet-stream", {{"Content-Encoding", encoding}}, std::string(bytes), {}};
  };
}

TEST(Http, PackedBodiesAreUnpacked) {
  HttpServer server({});
  server.route("GET", "/gzip", packed("gzip", kGzip));
  server.route("GET", "/deflate", packed("deflate", kDeflate));
  server.route("GET", "/identity", packed("identity", kPlain));
  server.route("GET", "/damaged", packed("gzip", "no gzip at all"));
  std::string accepted = "not asked";
  server.route("GET", "/accepted", [&](const ServerRequest& request) {
    accepted = request.headers.get("Accept-Encoding");
    return text("");
  });
  server.start();
  HttpClient client;
  for (const char* path : {"/gzip", "/deflate", "/identity"}) {
    const HttpReply reply = client.fetch({"GET", url_of(server, path)});
    EXPECT_EQ(reply.outcome, Outcome::kReply) << path << " " << reply.problem;
    EXPECT_EQ(reply.body, kPlain) << path;
  }
  EXPECT_EQ(client.fetch({"GET", url_of(server, "/damaged")}).outcome, Outcome::kBroken);
  client.fetch({"GET", url_of(server, "/accepted")});
  EXPECT_EQ(accepted, "");
}

// What counts is what it takes here, not on the wire.
TEST(Http, TheLimitIsOfWhatIsUnpacked) {
  HttpServer server({});
  server.route("GET", "/zeros", packed("gzip", kManyZeros));
  server.start();
  HttpClient client;
  HttpRequest request{"GET", url_of(server, "/zeros"), {}, {}, 5000ms, 99'999};
  EXPECT_EQ(client.fetch(request).outcome, Outcome::kTooLarge);
  request.max_reply_bytes = 100'000;
  EXPECT_EQ(client.fetch(request).body.size(), 100'000u);
}

TEST(Http, PathsAndMethods) {
  HttpServer server({});
  server.route("GET", "/things", [](const ServerRequest&) { return text("all"); });
  server.route("POST", "/things", echo);
  server.route("GET", "/query", [](const ServerRequest& request) { return text(request.query); });
  server.route("GET", "/things/*", [](const ServerRequest& request) { return text(request.path); });
  server.start();
  HttpClient client;
  const auto get = [&](const std::string& path) {
    return client.fetch({"GET", url_of(server, path)});
  };
  EXPECT_EQ(get("/things").body, "all");
  EXPECT_EQ(get("/things/").body, "all");
  EXPECT_EQ(get("/things?a=b").body, "all");
  EXPECT_EQ(get("/query?a=b%2Fc&d").body, "a=b%2Fc&d");
  EXPECT_EQ(get("/things/one").body, "/things/one");
  EXPECT_EQ(get("/things/a/b/").body, "/things/a/b");
  EXPECT_EQ(get("/things/a%2Fb").body, "/things/a/b");
  EXPECT_EQ(client.fetch(post(url_of(server, "/things/"), "hello")).body, "hello");

  const HttpReply head = client.fetch({"HEAD", url_of(server, "/things")});
  EXPECT_EQ(head.status, 200) << head.problem;
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.headers.get("Content-Length"), "3");
  EXPECT_EQ(client.fetch({"HEAD", url_of(server, "/none")}).status, 404);

  const HttpReply deleted = client.fetch({"DELETE", url_of(server, "/things")});
  EXPECT_EQ(deleted.status, 405);
  EXPECT_EQ(deleted.headers.get("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(client.fetch({"OPTIONS", url_of(server, "/things/one")}).headers.get("Allow"),
            "GET, HEAD");
  const HttpReply none = get("/thing");
  EXPECT_EQ(none.status, 404);
  EXPECT_NE(none.body.find("GET /query, GET /things, POST /things, GET /things/*"),
            std::string::npos)
      << none.body;
}

TEST(Http, StreamsChunkByChunk) {
  HttpServer server({});
  std::atomic<int> num_sent{0};
  server.route("GET", "/count", [&](const ServerRequest&) {
    ServerReply reply{200, "text/event-stream", {}, {}, {}};
    reply.stream = [&](const SendChunk& send) {
      for (; num_sent < 5; ++num_sent) {
        if (!send(cat(num_sent, " "))) return false;
      }
      return true;
    };
    return reply;
  });
  server.start();
  HttpClient client;
  const HttpReply reply = client.fetch({"GET", url_of(server, "/count")});
  EXPECT_EQ(reply.body, "0 1 2 3 4 ");
  EXPECT_EQ(reply.headers.get("content-TYPE"), "text/event-stream");
}

TEST(Http, TellsAStreamThatTheClientHasGone) {
  HttpServer server({});
  std::atomic<bool> noticed{false};
  server.route("GET", "/endless", [&](const ServerRequest&) {
    ServerReply reply;
    reply.stream = [&](const SendChunk& send) {
      while (send("x")) std::this_thread::sleep_for(1ms);
      noticed = true;
      return false;
    };
    return reply;
  });
  server.start();
  {
    HttpClient client;
    EXPECT_EQ(client.fetch({"GET", url_of(server, "/endless"), {}, {}, 50ms}).outcome,
              Outcome::kTimeout);
  }
  server.stop();  // waits for the handler, so it must have noticed
  EXPECT_TRUE(noticed);
}

TEST(Http, ServesBeyondThisMachineOnlyWithATokenAndTls) {
  HttpServerOptions options;
  options.host = "0.0.0.0";
  options.allow_plain_http = true;
  EXPECT_THROW(HttpServer{options}, InputError);
  options.bearer_token = "open sesame";
  options.allow_plain_http = false;
  EXPECT_THROW(HttpServer{options}, InputError);
  options.allow_plain_http = true;
  HttpServer server(options);
  server.route("POST", "/echo", echo);
  server.public_route("/page", [](const ServerRequest&) {
    ServerReply reply;
    reply.body = "page";
    return reply;
  });
  server.start();
  HttpClient client;
  EXPECT_EQ(client.fetch({"GET", url_of(server, "/page")}).body, "page");
  EXPECT_EQ(client.fetch(post(url_of(server, "/page"), "x")).status, 401);
  EXPECT_EQ(client.fetch({"GET", url_of(server, "/page"), {{"Origin", "http://evil.org"}}}).status,
            403);
  HttpRequest request = post(url_of(server, "/echo"), "hello");
  EXPECT_EQ(client.fetch(request).status, 401);
  request.headers.add("Authorization", "Bearer open sesam");
  EXPECT_EQ(client.fetch(request).status, 401);
  request.headers = {{"Authorization", "Bearer open sesame"}};
  EXPECT_EQ(client.fetch(request).body, "hello");
}

TEST(Http, ALocalServerAnswersToLocalNamesOnly) {
  HttpServer server({});
  server.route("POST", "/echo", echo);
  server.start();
  HttpClient client;
  for (const auto& [host, status] : {std::pair("localhost:1", 200),
                                     {"[::1]", 200},
                                     {"evil.example.org:8080", 403},
                                     {"127.0.0.1.evil.org", 403}}) {
    HttpRequest request = post(url_of(server, "/echo"), "x");
    request.headers.add("Host", host);
    EXPECT_EQ(client.fetch(request).status, status) << host;
  }
}

TEST(Http, APortIsHeldByOneServer) {
  HttpServer first({});
  HttpServerOptions same;
  same.port = first.port();
  EXPECT_THROW(HttpServer{same}, InputError);
}

TEST(Http, RetryAfterInBothForms) {
  EXPECT_EQ(retry_after_s({{"retry-after", "7"}}), 7);
  EXPECT_EQ(retry_after_s({{"Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"}}), 0);
  EXPECT_GT(retry_after_s({{"Retry-After", "Wed, 21 Oct 2099 07:28:00 GMT"}}), 1e9);
  EXPECT_LT(retry_after_s({{"Retry-After", "soon"}}), 0);
  EXPECT_LT(retry_after_s({}), 0);
}

TEST(Http, CertificatesAreChecked) {
  if (!SelfSigned::can_be_made()) GTEST_SKIP() << "the openssl program is missing";
  const SelfSigned made;
  int port = 0;
  {
    const HttpServer free_port({});
    port = free_port.port();
  }
  Subprocess server({"openssl", "s_server", "-quiet", "-www", "-accept", cat("127.0.0.1:", port),
                     "-cert", made.certificate(), "-key", made.key()});
  const HttpRequest request{"GET", cat("https://localhost:", port, "/")};
  HttpClient strict;
  HttpReply reply;
  for (int i = 0; i < 100; ++i) {
    reply = strict.fetch(request);
    if (reply.outcome != Outcome::kNotReached) break;
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(reply.outcome, Outcome::kNotTrusted) << reply.problem;
  HttpClientOptions options;
  options.ca_file = made.certificate();
  HttpClient trusting(options);
  reply = trusting.fetch(request);
  EXPECT_EQ(reply.outcome, Outcome::kReply) << reply.problem;
  EXPECT_EQ(reply.status, 200);
}

}  // namespace
}  // namespace lmc::net
