#include "client/endpoint_words.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/data_url.h"  // make_data_url

namespace lmc::client {
namespace {

const std::vector<std::string> kSecrets = {"gsk_Zx81-pQ/77=vTr+9m"};

std::string cleaned(std::string_view text) { return without_secrets(text, kSecrets); }

TEST(EndpointWords, ASecretIsBlottedOutHoweverItIsWritten) {
  EXPECT_EQ(cleaned("no key gsk_Zx81-pQ/77=vTr+9m here"), "no key *** here");
  EXPECT_EQ(cleaned(R"({"got":"gsk_Zx81\u002dpQ\/77\u003DvTr\u002b9m"})"), R"({"got":"***"})");
  EXPECT_EQ(cleaned(R"("{\"got\": \"gsk_Zx81\\u002dpQ\\\/77=vTr+9m\"}")"),
            R"("{\"got\": \"***\"}")");
  EXPECT_EQ(cleaned("?key=gsk_Zx81-pQ%2F77%3DvTr%2B9m&v=1"), "?key=***&v=1");
  EXPECT_EQ(cleaned("gsk_Zx81-pQ/77=vTr+9mgsk_Zx81-pQ/77=vTr+9m"), "***");
}

TEST(EndpointWords, SoIsWhatIsLeftOfOne) {
  EXPECT_EQ(cleaned("key gsk_Zx81-pQ/..."), "key ***...");
  EXPECT_EQ(cleaned("key ...77=vTr+9m"), "key ...***");
  EXPECT_EQ(cleaned("key gsk_...+9m"), "key gsk_...+9m");  // seven of 21 tell nothing
  EXPECT_EQ(without_secrets("pass hunter2! or hunter", std::vector<std::string>{"hunter2!"}),
            "pass *** or ***");
  EXPECT_EQ(without_secrets("abcd or abc", std::vector<std::string>{"abcd"}), "*** or abc");
}

TEST(EndpointWords, OtherTextStaysAsItIs) {
  for (const char* text :
       {"", "\\", "%", "%zz \\u00zz \\", "100 % of \\u00e9 and \\n", "%e9\xC3\xA9"}) {
    EXPECT_EQ(cleaned(text), text);
  }
  EXPECT_EQ(without_secrets("a \\u0062 %63", {}), "a \\u0062 %63");
}

TEST(EndpointWords, DataIsLeftOut) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += static_cast<char>(i * 7919 >> 3);
  const std::string url = make_data_url("image/png", bytes);
  const std::string said = shortened_words("1 validation error: input was '" + url + "'", {});
  EXPECT_EQ(said,
            "1 validation error: input was 'data:image/png;base64,[4000 characters of data]'");
  // Cut by the server, and with JSON's slashes.
  EXPECT_EQ(shortened_words("at iVBORw0KGgoAAAANSUhEUgAAAB4AAAAUCAIAAAAVyRqTAAA...", {}),
            "at [47 characters of data]...");
  EXPECT_EQ(shortened_words("\\/9j\\/4AAQSkZJRgABAQAAAQABAAD\\/2wBDAAIBAQEBAQIBAQEC", {}),
            "[51 characters of data]");
  EXPECT_EQ(shortened_words("https://docs.example.org/errors/ContextLength2", {}),
            "https://docs.example.org/errors/ContextLength2");
}

TEST(EndpointWords, OneLineThatATerminalMayHave) {
  EXPECT_EQ(shortened_words("a\r\nb\x1b[2J\xC2\x9B"
                            "31m\xE2\x80\xAE",
                            {}),
            "a  b\\x1B[2J\\u{009B}31m\\u{202E}");
  EXPECT_LT(shortened_words(std::string(100'000, ' '), {}).size(), 210u);
  EXPECT_LT(shortened_words(std::string(100'000, '\x01'), {}).size(), 210u);
}

}  // namespace
}  // namespace lmc::client
