#include "net/address.h"

#include <gtest/gtest.h>

#include "base/check.h"  // InputError

namespace lmc::net {
namespace {

TEST(Address, LoopbackIsWhatIsWrittenAsSuch) {
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.8.9.10", "::1"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host : {"", "0.0.0.0", "::", "128.0.0.1", "localhost.example.org", "127.0.0.1.x",
                           "127.evil.org", "10.0.0.1", "example.org"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

TEST(Address, PartsOfAUrl) {
  const Address local = parse_address("http://127.0.0.1:8000/v1/?a=b", "--endpoint");
  EXPECT_EQ(local.url(), "http://127.0.0.1:8000/v1/?a=b");
  EXPECT_EQ(local.host, "127.0.0.1");
  EXPECT_EQ(local.port, "8000");
  EXPECT_EQ(local.path, "/v1/");
  EXPECT_EQ(local.query, "a=b");
  EXPECT_TRUE(local.is_loopback);
  const Address remote = parse_address("HTTPS://API.example.org/v1#part", "--endpoint");
  EXPECT_EQ(remote.url(), "https://API.example.org/v1");
  EXPECT_EQ(remote.host, "api.example.org");
  EXPECT_EQ(remote.port, "443");
  EXPECT_FALSE(remote.is_loopback);
  EXPECT_EQ(parse_address("http://example.org?key=1", "--endpoint").url(),
            "http://example.org/?key=1");
  // The host is what stands after the last @, not what looks like one before it.
  EXPECT_THROW(parse_address("http://localhost@example.org/", "--endpoint"), InputError);
  EXPECT_FALSE(parse_address("http://example.org/localhost", "--endpoint").is_loopback);
}

TEST(Address, SixthVersion) {
  const Address local = parse_address("http://[::1]:8000/v1", "--endpoint");
  EXPECT_TRUE(local.is_loopback);
  EXPECT_EQ(local.host, "::1");
  EXPECT_EQ(local.url(), "http://[::1]:8000/v1");
  EXPECT_EQ(parse_address("http://[2001:db8::7]/v1", "x").url(), "http://[2001:db8::7]/v1");
  EXPECT_EQ(parse_address("http://[fe80::1%25eth0]:80/v1", "x").url(),
            "http://[fe80::1%25eth0]:80/v1");
}

TEST(Address, RefusesOtherSchemesAndSecrets) {
  for (const char* url : {"", "127.0.0.1:8000", "ftp://example.org", "file:///etc/passwd",
                          "http://", "http://u:secret@example.org", "u:secret@example.org/v1",
                          "ftp://u:secret@example.org", "http://u:sec#secret@example.org",
                          "http://u:s/secret@example.org", "ftp://example.org/?key=secret"}) {
    try {
      parse_address(url, "--endpoint");
      FAIL() << url;
    } catch (const InputError& error) {
      EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
    }
  }
}

TEST(Address, WhereALocationLeads) {
  const Address base = parse_address("https://a.example.org/v1/chat/completions?x=1", "test");
  const auto leads_to = [&](const std::string& location) {
    const auto target = resolve_address(base, location);
    return target ? target->url() : "(nowhere)";
  };
  EXPECT_EQ(leads_to("/v2/chat/completions"), "https://a.example.org/v2/chat/completions");
  EXPECT_EQ(leads_to("completions/"), "https://a.example.org/v1/chat/completions/");
  EXPECT_EQ(leads_to("//b.example.org/v1"), "https://b.example.org/v1");
  EXPECT_EQ(leads_to("http://a.example.org:8080/"), "http://a.example.org:8080/");
  EXPECT_EQ(leads_to("?x=2"), "https://a.example.org/v1/chat/completions?x=2");
  EXPECT_EQ(leads_to("https://u:p@a.example.org/"), "(nowhere)");
  EXPECT_EQ(leads_to("ftp://a.example.org/"), "(nowhere)");
  EXPECT_EQ(leads_to("file:///etc/passwd"), "(nowhere)");
}

TEST(Address, TheSameServer) {
  const auto same = [](const char* a, const char* b) {
    return is_same_server(parse_address(a, "test"), parse_address(b, "test"));
  };
  EXPECT_TRUE(same("https://a.example.org/v1", "https://A.example.org:443/v2?x"));
  EXPECT_TRUE(same("http://[::1]:80/", "http://[::1]/v1"));
  EXPECT_FALSE(same("http://a.example.org/", "https://a.example.org/"));
  EXPECT_FALSE(same("http://a.example.org:8000/", "http://a.example.org:8001/"));
  EXPECT_FALSE(same("http://a.example.org/", "http://a.example.org.evil.org/"));
  EXPECT_FALSE(same("http://localhost/", "http://127.0.0.1/"));
}

TEST(Address, ShownWithoutSecrets) {
  EXPECT_EQ(shown_url("https://h.example.org/v1?api-version=2024-06-01&api-key=s3cret&sig=a%2Fb"),
            "https://h.example.org/v1?api-version=2024-06-01&api-key=***&sig=***");
  EXPECT_EQ(shown_url("http://h/v1?s3cret"), "http://h/v1?***");
  EXPECT_EQ(shown_url("http://h/v1?API-VERSION=1&empty=&Key=s3cret#s3cret"),
            "http://h/v1?API-VERSION=1&empty=&Key=***");
  EXPECT_EQ(shown_url("http://u:s3cret@h:8000/v1"), "http://***@h:8000/v1");
  EXPECT_EQ(shown_url("u:s3@cret@h?s3cret"), "***@h");
  EXPECT_EQ(shown_url("not a url?s3cret"), "not a url");
  EXPECT_EQ(shown_url("http://h/" + std::string(500, 'x')).size(), 203u);
}

TEST(Address, HiddenValues) {
  EXPECT_EQ(hidden_values("api-version=1&key=ab%2Bc&s3cret&empty="),
            (std::vector<std::string>{"ab%2Bc", "ab+c", "s3cret"}));
  EXPECT_TRUE(hidden_values("").empty());
}

}  // namespace
}  // namespace lmc::net
