#include "net/request_guard.h"

#include <gtest/gtest.h>

namespace lmc::net {
namespace {

int status_of(const Headers& headers, const GuardOptions& options = {"", true, 1000},
              std::string_view target = "/", bool is_http_1_0 = false) {
  const auto refusal = refusal_of({"POST", target, is_http_1_0, headers}, options);
  return refusal ? refusal->status : 0;
}

TEST(RequestGuard, HostsNameThisMachineInAnyForm) {
  for (const char* host : {"127.0.0.1", "127.0.0.9:80", "LocalHost:8080", "LOCALHOST", "[::1]",
                           "[::1]:65535", "[0:0:0:0:0:0:0:1]:1", "localhost:"}) {
    EXPECT_EQ(status_of({{"Host", host}}), 0) << host;
  }
  for (const char* host :
       {"", "example.org", "[::1].evil.com", "[::1]x:80", "[::1", "::1", "localhost:80:80",
        "localhost:8o", "127.0.0.1.evil.com", "127.0.0.1@evil.com", "evil.com#localhost",
        "[::2]:80", "[localhost.evil.com]", "localhost.evil.com", " localhost.", "10.0.0.1"}) {
    EXPECT_EQ(status_of({{"Host", host}}), 403) << host;
  }
  EXPECT_EQ(status_of({{"Host", "example.org"}}, {"", false, 1000}), 0);
}

TEST(RequestGuard, OneHostOfHttp11) {
  EXPECT_EQ(status_of({}), 400);
  EXPECT_EQ(status_of({}, {"", true, 1000}, "/", true), 0);
  EXPECT_EQ(status_of({{"Host", "localhost"}, {"host", "localhost"}}), 400);
}

TEST(RequestGuard, ATokenStandsBehindItsScheme) {
  const GuardOptions options{"s3same", true, 1000};
  const auto status = [&](const char* authorization) {
    return status_of({{"Host", "localhost"}, {"Authorization", authorization}}, options);
  };
  for (const char* right : {"Bearer s3same", "bearer s3same", "BEARER  s3same"}) {
    EXPECT_EQ(status(right), 0) << right;
  }
  for (const char* wrong : {"", "s3same", "Bearer", "Bearer ", "Bearers3same", "Basic s3same",
                            "Bearer s3sam", "Bearer s3same ", "Bearer s3samex", "Bearer\ts3same"}) {
    EXPECT_EQ(status(wrong), 401) << wrong;
  }
  EXPECT_EQ(status_of({{"Host", "localhost"},
                       {"Authorization", "Bearer s3same"},
                       {"Authorization", "Bearer other"}},
                      options),
            401);
  // Who is not known learns no more than that.
  EXPECT_EQ(status_of({{"Host", "evil.com"}, {"Content-Length", "5000"}}, options), 401);
}

TEST(RequestGuard, PagesOfOtherOriginsAreRefused) {
  const auto status = [](const Headers& more) {
    Headers headers = {{"Host", "LocalHost:8080"}};
    for (const auto& [name, value] : more) headers.add(name, value);
    return status_of(headers);
  };
  EXPECT_EQ(status({{"Origin", "http://localhost:8080"}}), 0);
  EXPECT_EQ(status({{"Origin", "HTTP://LOCALHOST:8080"}, {"Sec-Fetch-Site", "same-origin"}}), 0);
  EXPECT_EQ(status({{"Sec-Fetch-Site", "none"}}), 0);
  for (const char* origin :
       {"null", "", "http://localhost", "http://localhost:8081", "file://", "http://127.0.0.1:8080",
        "http://localhost:8080.evil.com", "chrome-extension://localhost:8080", "localhost:8080"}) {
    EXPECT_EQ(status({{"Origin", origin}}), 403) << origin;
  }
  EXPECT_EQ(status({{"Sec-Fetch-Site", "Cross-Site"}}), 403);
  EXPECT_EQ(status({{"Sec-Fetch-Site", "same-site"}, {"Origin", "http://localhost:8080"}}), 403);
}

TEST(RequestGuard, LinksFromElsewhereMayBeFollowed) {
  const auto status = [](std::string_view method, const char* mode, const char* destination) {
    const Headers headers = {{"Host", "localhost"},
                             {"Sec-Fetch-Site", "cross-site"},
                             {"Sec-Fetch-Mode", mode},
                             {"Sec-Fetch-Dest", destination}};
    const auto refusal = refusal_of({method, "/", false, headers}, {"", true, 1000});
    return refusal ? refusal->status : 0;
  };
  EXPECT_EQ(status("GET", "navigate", "document"), 0);
  EXPECT_EQ(status("POST", "navigate", "document"), 403);
  EXPECT_EQ(status("GET", "navigate", "iframe"), 403);
  EXPECT_EQ(status("GET", "no-cors", "image"), 403);
  EXPECT_EQ(status("GET", "cors", "empty"), 403);
}

TEST(RequestGuard, NoDoubtWhereTheBodyEnds) {
  const auto status = [](const Headers& more, bool is_http_1_0 = false) {
    Headers headers = {{"Host", "localhost"}};
    for (const auto& [name, value] : more) headers.add(name, value);
    return status_of(headers, {"", true, 1000}, "/", is_http_1_0);
  };
  EXPECT_EQ(status({{"Content-Length", "0"}}), 0);
  EXPECT_EQ(status({{"Content-Length", "1000"}}), 0);
  EXPECT_EQ(status({{"Content-Length", "1001"}}), 413);
  EXPECT_EQ(status({{"Content-Length", "99999999999999999999999"}}), 413);
  for (const char* length : {"+93", "-1", "0x10", "1 0", "9,9", " ", "1e2"}) {
    EXPECT_EQ(status({{"Content-Length", length}}), 400) << length;
  }
  EXPECT_EQ(status({{"Content-Length", "7"}, {"content-length", "7"}}), 400);
  EXPECT_EQ(status({{"Transfer-Encoding", "Chunked"}}), 0);
  for (const char* encoding :
       {"gzip", "gzip, chunked", "identity", "chunked, chunked", "xchunked", "", "chunked;q=1"}) {
    EXPECT_EQ(status({{"Transfer-Encoding", encoding}}), 400) << encoding;
  }
  EXPECT_EQ(status({{"Transfer-Encoding", "chunked"}, {"Content-Length", "7"}}), 400);
  EXPECT_EQ(status({{"Transfer-Encoding", "chunked"}, {"transfer-encoding", "chunked"}}), 400);
  EXPECT_EQ(status({{"Transfer-Encoding", "chunked"}}, true), 400);
  EXPECT_EQ(status({{"Expect", "100-Continue"}}), 0);
  EXPECT_EQ(status({{"Expect", "a miracle"}}), 417);
}

TEST(RequestGuard, HeadsOfASize) {
  Headers headers = {{"Host", "localhost"}};
  while (headers.size() < kMaxFields) headers.add("X", "y");
  EXPECT_EQ(status_of(headers), 0);
  headers.add("X", "y");
  EXPECT_EQ(status_of(headers), 431);
  const Headers host = {{"Host", "localhost"}};
  std::string target = "/" + std::string(kMaxTargetBytes - 1, 'a');
  EXPECT_EQ(status_of(host, {"", true, 1000}, target), 0);
  target += "a";
  EXPECT_EQ(status_of(host, {"", true, 1000}, target), 414);
  for (const char* other : {"", "http://localhost/", "health", "localhost:80"}) {
    EXPECT_EQ(status_of(host, {"", true, 1000}, other), 400) << other;
  }
}

}  // namespace
}  // namespace lmc::net
