#include "base/stand_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/json.h"  // parse_json

namespace lmc {
namespace {

using testing::HasSubstr;

const std::string kPointer =
    "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n";

TEST(StandIn, IsNamed) {
  EXPECT_THAT(std::string(stand_in_of(kPointer)->what), HasSubstr("git-lfs pointer"));
  EXPECT_THAT(std::string(stand_in_of("\xEF\xBB\xBF\n" + kPointer)->what), HasSubstr("git-lfs"));
  for (const char* page : {"<!DOCTYPE html>", "  <html lang=\"en\">", "<?xml version=\"1.0\"?>"}) {
    EXPECT_THAT(std::string(stand_in_of(page)->what), HasSubstr("web page")) << page;
  }
}

TEST(StandIn, OtherFilesAreNone) {
  for (const char* text : {"", " \n", "{}", "version 2", "<", "<svg>", "\x89PNG"}) {
    EXPECT_FALSE(stand_in_of(text).has_value()) << text;
  }
}

std::string error_of(const std::string& text) {
  try {
    parse_json(text, "tokenizer.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(StandIn, IsWhatJsonErrorsSay) {
  EXPECT_THAT(error_of(kPointer), HasSubstr("tokenizer.json: expected JSON, found a git-lfs"));
  EXPECT_THAT(error_of("<html>Access denied"), HasSubstr("expected JSON, found a web page"));
  EXPECT_THAT(error_of("{"), HasSubstr("not valid JSON at byte"));
  EXPECT_THAT(error_of(""), HasSubstr("is empty"));
}

TEST(StandIn, AByteOrderMarkIsNoPartOfTheJson) {
  EXPECT_EQ(parse_json("\xEF\xBB\xBF{\"a\": 1}", "x")["a"], 1);
}

}  // namespace
}  // namespace lmc
