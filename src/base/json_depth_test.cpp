#include "base/json_depth.h"

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"  // parse_json

namespace lmc {
namespace {

std::string lists(int levels) { return std::string(levels, '[') + std::string(levels, ']'); }

std::string problem_of(const std::string& text) {
  try {
    parse_json(text, "f.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

TEST(JsonDepth, CountsWhatIsOpenAtOnceOutsideStrings) {
  EXPECT_FALSE(nests_deeper_than("[[],[],{}]", 2));
  EXPECT_TRUE(nests_deeper_than("[[{}]]", 2));
  EXPECT_FALSE(nests_deeper_than(R"(["[[[[\"[[[["])", 1));
}

TEST(JsonDepth, FilesAreBoundedBeforeTheyAreParsed) {
  EXPECT_EQ(problem_of(lists(500)), "none");
  EXPECT_EQ(problem_of(lists(501)),
            "f.json: not valid JSON: lists and objects nest deeper than 500");
  EXPECT_EQ(problem_of(R"({"x":)" + lists(200000) + "}"),
            "f.json: not valid JSON: lists and objects nest deeper than 500");
}

TEST(JsonDepth, NumbersBeyondEveryTypeAreNamed) {
  EXPECT_EQ(problem_of(R"({"top_p":1e400})"),
            "f.json: not valid JSON: a number is too large for any type");
}

}  // namespace
}  // namespace lmc
