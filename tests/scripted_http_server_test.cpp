// The server that misbehaves on demand, met by the client it was made for: every manner gives the
// outcome that the client's callers will see.
#include "support/scripted_http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "net/http_client.h"
#include "support/untrusted_tls_server.h"

namespace lmc::tests {
namespace {

using namespace std::chrono_literals;
using net::HttpClient;
using net::HttpReply;
using net::HttpRequest;
using net::ServerRequest;
using Outcome = HttpReply::Outcome;

Script reply(std::string body) {
  Script script;
  script.body = std::move(body);
  return script;
}

HttpRequest post(const ScriptedHttpServer& server, std::string body) {
  return {"POST", server.url("/v1/x?y=z"), {{"X-Test", "kept"}}, std::move(body), 10s};
}

// What a client sees of one scripted reply.
HttpReply seen(const Script& script, std::chrono::milliseconds timeout = 10s) {
  ScriptedHttpServer server([&](const ServerRequest&, int64_t) { return script; });
  HttpClient client;
  return client.fetch({"GET", server.url("/"), {}, {}, timeout});
}

TEST(ScriptedHttpServer, RequestsArriveWholeOnOneKeptConnection) {
  ScriptedHttpServer server([](const ServerRequest& request, int64_t number) {
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v1/x");
    EXPECT_EQ(request.headers.get("x-test"), "kept");
    Script script = reply(std::to_string(number) + request.body);
    script.headers.add("Content-Type", "text/plain");
    return script;
  });
  HttpClient client;
  int number = 0;
  for (const size_t size : {size_t{0}, size_t{1}, size_t{20'000}, size_t{7'000'000}}) {
    const std::string body(size, 'x');
    const HttpReply got = client.fetch(post(server, body));
    ASSERT_EQ(got.outcome, Outcome::kReply) << got.problem;
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.headers.get("content-type"), "text/plain");
    EXPECT_TRUE(got.body == std::to_string(number++) + body) << size;
  }
  EXPECT_EQ(server.counts().requests, 4);
  EXPECT_EQ(server.counts().connections, 1);
  EXPECT_EQ(server.counts().in_flight, 0);
}

TEST(ScriptedHttpServer, StatusHeadersAndFramings) {
  Script busy = reply("busy");
  busy.status = 429;
  busy.headers.add("Retry-After", "7");
  busy.end = Script::End::kClose;
  HttpReply got = seen(busy);
  EXPECT_EQ(got.status, 429);
  EXPECT_EQ(net::retry_after_s(got.headers), 7);
  EXPECT_EQ(got.body, "busy");
  for (const size_t piece_bytes : {size_t{0}, size_t{1}, size_t{4}, size_t{100}}) {
    Script chunked = reply("in several pieces");
    chunked.framing = Script::Framing::kChunked;
    chunked.piece_bytes = piece_bytes;
    got = seen(chunked);
    EXPECT_EQ(got.outcome, Outcome::kReply) << got.problem;
    EXPECT_EQ(got.body, "in several pieces") << piece_bytes;
  }
  got = seen(reply(std::string(10 << 20, 'x')));
  EXPECT_EQ(got.body.size(), size_t{10} << 20);
}

TEST(ScriptedHttpServer, DelaysAndDrips) {
  Script late = reply("late");
  late.delay = 200ms;
  EXPECT_EQ(seen(late, 20ms).outcome, Outcome::kTimeout);
  EXPECT_EQ(seen(late).body, "late");
  Script slow = reply("drop by drop");
  slow.piece_bytes = 1;
  slow.piece_wait = 20ms;
  EXPECT_EQ(seen(slow, 50ms).outcome, Outcome::kTimeout);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(seen(slow).body, "drop by drop");
  EXPECT_GE(std::chrono::steady_clock::now() - start, 11 * 20ms);
}

TEST(ScriptedHttpServer, WhatIsCutResetOrNoHttpIsBroken) {
  for (const Script::End end : {Script::End::kCut, Script::End::kReset}) {
    for (const size_t sent : {size_t{0}, size_t{5}}) {
      Script cut = reply("only the beginning");
      cut.end = end;
      cut.body_sent = sent;
      EXPECT_EQ(seen(cut).outcome, Outcome::kBroken) << sent;
    }
  }
  Script reset = reply("only the beginning");
  reset.end = Script::End::kReset;
  reset.body_sent = 5;
  EXPECT_THAT(seen(reset).problem, ::testing::HasSubstr("receiving data"));
  Script garbage = reply("\x16\x03\x01 is not HTTP\r\n\r\n");
  garbage.framing = Script::Framing::kNone;
  EXPECT_EQ(seen(garbage).outcome, Outcome::kBroken);
}

TEST(ScriptedHttpServer, NoReplyLastsUntilTheClientGivesUp) {
  ScriptedHttpServer server([](const ServerRequest&, int64_t number) {
    Script script = reply("at last");
    if (number == 0) script.end = Script::End::kNever;
    return script;
  });
  HttpClient client;
  HttpRequest request = post(server, "x");
  request.timeout = 50ms;
  EXPECT_EQ(client.fetch(request).outcome, Outcome::kTimeout);
  request.timeout = 10s;
  EXPECT_EQ(client.fetch(request).body, "at last");
  EXPECT_EQ(server.counts().given_up, 1);
  EXPECT_EQ(server.counts().in_flight, 0);
}

TEST(ScriptedHttpServer, LargerBodiesAreRefused) {
  ScriptedHttpServer server([](const ServerRequest&, int64_t) { return reply("taken"); });
  HttpClient client;
  const size_t most = ScriptedHttpServer::kMaxBodyBytes;
  EXPECT_EQ(client.fetch(post(server, std::string(most, 'x'))).body, "taken");
  EXPECT_NE(client.fetch(post(server, std::string(most + 1, 'x'))).status, 200);
  EXPECT_EQ(server.counts().requests, 1);
}

TEST(ScriptedHttpServer, HoldsAThousandConnectionsAndCountsTheirSlots) {
  constexpr int kClients = 1000;
  rlimit descriptors{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &descriptors), 0);
  descriptors.rlim_cur = std::min<rlim_t>(descriptors.rlim_max, 4096);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &descriptors), 0);
  if (descriptors.rlim_cur < 2 * kClients + 100) GTEST_SKIP() << "too few descriptors allowed";
  constexpr int kRounds = 2;
  // The first round is answered late enough for all of it to be there at once.
  constexpr auto kDelay = 3s;
  ScriptedHttpServer server([kDelay](const ServerRequest& request, int64_t number) {
    Script script = reply(request.body);
    script.counts_as_slot = number < kClients;
    if (number < kClients) script.delay = kDelay;
    return script;
  });
  HttpClient client;
  int good = 0;
  for (int round = 0; round < kRounds; ++round) {
    for (int k = 0; k < kClients; ++k) {
      HttpRequest request = post(server, std::to_string(k));
      request.timeout = 60s;
      client.start(std::move(request), [&good, k](const HttpReply& got) {
        good += got.status == 200 && got.body == std::to_string(k);
      });
    }
    while (client.num_in_flight() > 0) client.wait(1s);
  }
  const ServerCounts counts = server.counts();
  EXPECT_EQ(good, kRounds * kClients);
  EXPECT_EQ(counts.requests, kRounds * kClients);
  EXPECT_EQ(counts.most_in_flight, kClients);
  EXPECT_LE(counts.connections, kRounds * kClients);
  EXPECT_GE(counts.slot_seconds, kClients * std::chrono::duration<double>(kDelay).count());
  EXPECT_EQ(counts.in_flight, 0);
}

TEST(UntrustedTlsServer, GetsNoRequestFromAClientThatChecks) {
  const UntrustedTlsServer server;
  HttpClient client;
  for (int i = 0; i < 3; ++i) {
    const HttpReply got = client.fetch({"POST", server.url("/"), {}, "secret", 10s});
    EXPECT_EQ(got.outcome, Outcome::kNotTrusted) << got.problem;
  }
  EXPECT_EQ(server.num_connections(), 3);
  EXPECT_EQ(server.num_bytes_received(), 0);
}

}  // namespace
}  // namespace lmc::tests
