#include "client/retry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace lmc::client {
namespace {

using Outcome = net::HttpReply::Outcome;

net::HttpReply status(int code, std::string body = "") {
  net::HttpReply reply;
  reply.outcome = Outcome::kReply;
  reply.status = code;
  reply.body = std::move(body);
  return reply;
}

net::HttpReply no_reply(Outcome outcome) {
  net::HttpReply reply;
  reply.outcome = outcome;
  reply.problem = "problem";
  return reply;
}

TEST(Retry, WhatIsTriedAgain) {
  EXPECT_EQ(next_step(status(200)), NextStep::kRead);
  for (const int code : {408, 429, 500, 502, 503, 504, 529}) {
    EXPECT_EQ(next_step(status(code)), NextStep::kRetry) << code;
  }
  for (const int code : {400, 413, 422}) {
    EXPECT_EQ(next_step(status(code)), NextStep::kRefused) << code;
  }
  for (const int code : {301, 302, 303, 307, 308}) {
    EXPECT_EQ(next_step(status(code)), NextStep::kRedirect) << code;
  }
  for (const int code : {401, 402, 403, 404}) {
    EXPECT_EQ(next_step(status(code)), NextStep::kClose) << code;
  }
  for (const Outcome outcome : {Outcome::kNotReached, Outcome::kTimeout, Outcome::kBroken}) {
    EXPECT_EQ(next_step(no_reply(outcome)), NextStep::kRetry);
  }
  EXPECT_EQ(next_step(no_reply(Outcome::kTooLarge)), NextStep::kTooLarge);
  EXPECT_EQ(next_step(no_reply(Outcome::kNotTrusted)), NextStep::kClose);
}

TEST(Retry, DelaysDoubleWithinTheirBounds) {
  Random random(1);
  for (int64_t retry = 0; retry < 40; ++retry) {
    const double whole = std::min(60.0, 0.5 * std::pow(2.0, static_cast<double>(retry)));
    for (int i = 0; i < 20; ++i) {
      const double delay = retry_delay_s(retry, 0.5, -1, random);
      EXPECT_GE(delay, whole / 2);
      EXPECT_LE(delay, whole);
    }
  }
  EXPECT_EQ(retry_delay_s(0, 1, 17, random), 17);       // the endpoint asked for it
  EXPECT_EQ(retry_delay_s(0, 1, 86'400, random), 300);  // but not for a day
}

std::string described(const net::HttpReply& reply, const std::vector<std::string>& secrets = {}) {
  return describe_failure(reply, secrets);
}

TEST(Retry, FailuresAreDescribedWithoutTheKey) {
  EXPECT_EQ(described(no_reply(Outcome::kTimeout), {"key"}), "problem");
  EXPECT_EQ(described(status(401, R"({"error":{"message":"bad key sk-1 or sk-1"}})"), {"sk-1"}),
            "HTTP 401: bad key *** or ***");
  EXPECT_EQ(described(status(403, "sig abc+d of abc"), {"abc+d", "abc"}),
            "HTTP 403: sig *** of ***");
  const std::string filler(190, 'x');
  const std::string text = described(status(500, filler + "sk-secret-key"), {"sk-secret-key"});
  EXPECT_EQ(text.find("sk-"), std::string::npos);  // not even the part before the cut
  EXPECT_LT(text.size(), 230u);
}

TEST(Retry, LongWordsAreCutBetweenCharacters) {
  const std::string text = described(status(500, std::string(199, 'x') + "\u00E4\u00E4"));
  EXPECT_EQ(text, "HTTP 500: " + std::string(199, 'x') + "...");
}

TEST(Retry, WebPagesAreNamedAsSuch) {
  EXPECT_EQ(described(status(500, "<html>\nno\n</html>")), "HTTP 500: an HTML page: \"no\"");
  EXPECT_EQ(described(status(502,
                             "<!DOCTYPE html>\n<html><head><title>Bad\n gateway</title></head>"
                             "<body><h1>Try later</h1></body></html>")),
            "HTTP 502: an HTML page: \"Bad gateway\"");
  EXPECT_EQ(described(status(200, "<html><head></head></html>")),
            "HTTP 200: an HTML page, not a chat completion");
  EXPECT_EQ(described(status(200, "<html><title>Sign in to Contoso</title>")),
            "HTTP 200: a login page, not a chat completion: \"Sign in to Contoso\"");
}

TEST(Retry, RepliesThatAreNoCompletions) {
  EXPECT_EQ(described(status(200, " \n")), "HTTP 200: the reply is empty");
  EXPECT_EQ(described(status(200, "data: {\"choices\":[]}\n\n")),
            "HTTP 200: the stream ends before the reply does");
  // Of a completion that was cut nothing is quoted.
  EXPECT_EQ(described(status(200, R"({"choices":[{"message":{"content":"The patient)")),
            "HTTP 200: the reply is not a chat completion");
}

}  // namespace
}  // namespace lmc::client
