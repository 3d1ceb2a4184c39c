#include "net/static_file.h"

#include <gtest/gtest.h>

#include "base/check.h"  // cat
#include "net/http_client.h"
#include "net/raw_client.h"

namespace lmc::net {
namespace {

constexpr std::string_view kPage = "<!doctype html><title>x</title>";

TEST(StaticFile, HasTypeTagAndPolicy) {
  HttpServer server({});
  server.route("GET", "/", static_file_handler({"text/html; charset=utf-8", kPage}));
  server.route("GET", "/page.js", static_file_handler({"text/javascript", "let x;"}));
  server.start();
  HttpClient client;
  const auto get = [&](const char* path, const Headers& headers = {}) {
    return client.fetch({"GET", cat("http://127.0.0.1:", server.port(), path), headers});
  };
  const HttpReply page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, kPage);
  EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.headers.get("X-Content-Type-Options"), "nosniff");
  const std::string policy(page.headers.get("Content-Security-Policy"));
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self';")) << policy;
  EXPECT_EQ(policy.find("unsafe"), policy.npos);
  const std::string tag(page.headers.get("ETag"));
  EXPECT_EQ(tag.size(), 34U);
  EXPECT_NE(get("/page.js").headers.get("ETag"), tag);
  for (const std::string& same : {tag, "W/" + tag, "\"other\" , " + tag, std::string("*")}) {
    const HttpReply reply = get("/", {{"If-None-Match", same}});
    EXPECT_EQ(reply.status, 304) << same;
    EXPECT_EQ(reply.body, "");
    EXPECT_EQ(reply.headers.get("ETag"), tag);
  }
  for (const std::string& other : {std::string("\"other\""), tag.substr(1), std::string()}) {
    EXPECT_EQ(get("/", {{"If-None-Match", other}}).status, 200) << other;
  }
  // The connection goes on behind a reply without a body.
  RawClient raw(server.port());
  raw.send(cat("GET / HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *\r\n\r\n",
               "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n",
               "GET /page.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  const std::string replies = raw.receive();
  EXPECT_TRUE(replies.starts_with("HTTP/1.1 304 Not Modified\r\n")) << replies;
  EXPECT_NE(replies.find(cat("Content-Length: ", kPage.size(), "\r\n")), replies.npos);
  EXPECT_TRUE(replies.ends_with("\r\n\r\nlet x;"));
}

}  // namespace
}  // namespace lmc::net
