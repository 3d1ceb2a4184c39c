#include "net/address.h"

#include <gtest/gtest.h>

#include "base/check.h"  // InputError

namespace lmc::net {
namespace {

TEST(Address, LoopbackIsWhatIsWrittenAsSuch) {
  for (const char* host : {"localhost", "127.0.0.1", "127.8.9.10", "::1"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host : {"", "0.0.0.0", "::", "128.0.0.1", "localhost.example.org", "127.0.0.1.x",
                           "127.evil.org", "10.0.0.1", "example.org"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

TEST(Address, PartsOfAUrl) {
  const Address local = parse_address("http://127.0.0.1:8000/v1/", "--endpoint");
  EXPECT_EQ(local.url, "http://127.0.0.1:8000/v1");
  EXPECT_EQ(local.host, "127.0.0.1");
  EXPECT_TRUE(local.is_loopback);
  EXPECT_TRUE(parse_address("http://[::1]:8000", "--endpoint").is_loopback);
  EXPECT_FALSE(parse_address("https://api.example.org/v1", "--endpoint").is_loopback);
  // The host is what stands after the last @, not what looks like one before it.
  EXPECT_THROW(parse_address("http://localhost@example.org/", "--endpoint"), InputError);
  EXPECT_FALSE(parse_address("http://example.org/localhost", "--endpoint").is_loopback);
}

TEST(Address, RefusesOtherSchemesAndSecrets) {
  for (const char* url : {"", "127.0.0.1:8000", "ftp://example.org", "file:///etc/passwd",
                          "http://", "http://u:secret@example.org"}) {
    try {
      parse_address(url, "--endpoint");
      FAIL() << url;
    } catch (const InputError& error) {
      EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace lmc::net
