#include "client/endpoint_url.h"

#include <gtest/gtest.h>

#include "base/check.h"  // InputError
#include "client/redirect.h"
#include "client/web_page.h"

namespace lmc::client {
namespace {

std::string asked(const std::string& base) { return EndpointUrl::parse(base, "x").completions(); }

TEST(EndpointUrl, FromWhatPeopleGive) {
  const struct {
    const char* given;
    const char* asked;
  } cases[] = {
      {"http://h:8000/v1", "http://h:8000/v1/chat/completions"},
      {"http://h:8000/v1/", "http://h:8000/v1/chat/completions"},
      {"http://h:8000/v1///", "http://h:8000/v1/chat/completions"},
      {"http://h:8000", "http://h:8000/chat/completions"},
      {"http://h:8000/", "http://h:8000/chat/completions"},
      {"http://h/v1/chat/completions", "http://h/v1/chat/completions"},
      {"http://h/v1/chat/completions/", "http://h/v1/chat/completions"},
      {"https://h.example.org/chat/completions?api-version=1",
       "https://h.example.org/chat/completions?api-version=1"},
      {"https://n.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
       "https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"},
      {"https://n.openai.azure.com/openai/deployments/d/?api-version=2024-10-21&x=1",
       "https://n.openai.azure.com/openai/deployments/d/chat/"
       "completions?api-version=2024-10-21&x=1"},
      {"https://h?key=k", "https://h/chat/completions?key=k"},
      {"http://[::1]:8000/v1", "http://[::1]:8000/v1/chat/completions"},
      {"http://[2001:db8::1]?v=2", "http://[2001:db8::1]/chat/completions?v=2"},
      {"http://h/v1#fragment", "http://h/v1/chat/completions"},
      {"http://h/a%20b/v1", "http://h/a%20b/v1/chat/completions"},
  };
  for (const auto& one : cases) EXPECT_EQ(asked(one.given), one.asked) << one.given;
  EXPECT_THROW(asked("http://u:p@h/v1"), InputError);
  EXPECT_THROW(asked("h:8000/v1"), InputError);
}

TEST(EndpointUrl, IsShownWithoutItsKey) {
  const auto url = EndpointUrl::parse("https://h/v1?api-version=3&code=s3cret", "x");
  EXPECT_EQ(url.shown(), "https://h/v1/chat/completions?api-version=3&code=***");
  EXPECT_EQ(url.secrets(), std::vector<std::string>{"s3cret"});
  EXPECT_EQ(url.host(), "h");
  EXPECT_FALSE(url.is_loopback());
  EXPECT_TRUE(EndpointUrl::parse("http://[::1]/v1", "x").is_loopback());
}

Redirect redirect(int status, const std::string& location,
                  const std::string& from = "https://h.example.org/v1") {
  net::HttpReply reply;
  reply.outcome = net::HttpReply::Outcome::kReply;
  reply.status = status;
  if (!location.empty()) reply.headers.add("location", location);
  return redirect_of(EndpointUrl::parse(from, "x"), reply);
}

TEST(Redirect, IsFollowedOnTheSameServer) {
  for (const int status : {307, 308}) {
    for (const char* location :
         {"/v2/chat/completions?a=b", "https://h.example.org/v2/chat/completions?a=b",
          "https://H.example.org:443/v2/chat/completions?a=b", "../../v2/chat/completions?a=b"}) {
      const Redirect to = redirect(status, location);
      ASSERT_TRUE(to.follow.has_value()) << location << ": " << to.problem;
      EXPECT_EQ(to.follow->address().path, "/v2/chat/completions") << location;
      EXPECT_EQ(to.follow->address().query, "a=b");
      EXPECT_EQ(to.problem, "");
    }
  }
}

TEST(Redirect, IsNotFollowedElsewhere) {
  const struct {
    int status;
    const char* location;
    const char* says;
  } cases[] = {
      {307, "https://other.example.org/v1", "https://other.example.org/v1, another server"},
      {308, "http://h.example.org/v1", "http://h.example.org/v1, another server"},
      {307, "https://h.example.org:8443/v1", "https://h.example.org:8443/v1, another server"},
      {307, "https://h.example.org.evil.org/v1", "another server"},
      {307, "//other.example.org/v1?token=s3cret",
       "https://other.example.org/v1?token=***, another"},
      {302, "https://sso.example.org/login?next=s3cret", "looks like a login page"},
      {301, "/v2/chat/completions", "https://h.example.org/v2/chat/completions, where the request"},
      {303, "/v2", "where the request would be lost"},
      {307, "ftp://h.example.org/", "no http or https address"},
      {307, "https://u:s3cret@h.example.org/", "no http or https address"},
      {302, "", "names no new address"},
  };
  for (const auto& one : cases) {
    const Redirect to = redirect(one.status, one.location);
    EXPECT_FALSE(to.follow.has_value()) << one.location;
    EXPECT_NE(to.problem.find(one.says), std::string::npos) << to.problem;
    EXPECT_EQ(to.problem.find("s3cret"), std::string::npos) << to.problem;
    EXPECT_TRUE(to.problem.starts_with("HTTP " + std::to_string(one.status))) << to.problem;
  }
}

TEST(WebPage, SaysWhatItIsCalled) {
  EXPECT_EQ(web_page_title("<!doctype HTML><HTML><TITLE lang=en>\n A  page\n</TITLE>"), "A page");
  EXPECT_EQ(web_page_title("\xEF\xBB\xBF \n<html><body><p>Wi-Fi</p><p>of the hospital</p>"),
            "Wi-Fi of the hospital");
  EXPECT_EQ(web_page_title("<html><head><style>p {}</style><script>x < y</script></head><p>Text"),
            "Text");
  EXPECT_EQ(web_page_title("<html>"), "");
  const std::string cut =
      web_page_title("<html><title>" + std::string(79, 'x') + "\xC3\xA9\xC3\xA9").value_or("");
  EXPECT_EQ(cut, std::string(77, 'x') + "...");
  for (const char* body : {"", "{}", "text <html>", "<Error><Code>NoSuchKey</Code></Error>", "<"}) {
    EXPECT_FALSE(web_page_title(body).has_value()) << body;
  }
}

}  // namespace
}  // namespace lmc::client
