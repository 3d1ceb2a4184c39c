#include "base/json_shape.h"

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

TEST(JsonShape, CountsWhatIsOpenAtOnceOutsideStrings) {
  EXPECT_EQ(json_shape("[[],[],{}]", 9).depth, 2);
  EXPECT_EQ(json_shape("[[{}]]", 2).depth, 3);
  EXPECT_EQ(json_shape(R"(["[[[[\"[[[["])", 9).depth, 1);
  EXPECT_EQ(json_shape("]]]][", 9).depth, 1);
}

TEST(JsonShape, CountsTheMembersOfTheLargestObject) {
  EXPECT_EQ(json_shape(R"({"a":[1,2,3,4],"b":{"c":",,,,"},"d":0})", 9).largest_object, 3);
  EXPECT_EQ(json_shape("[1,2,3]", 9).largest_object, 0);
  EXPECT_EQ(json_shape(R"([1,{"a":2,"b":[]}])", 9).num_values, 5);
}

std::string object_of(int members) {
  std::string text = "{\"k0\":0";
  for (int i = 1; i < members; ++i) text += cat(",\"k", i, "\":0");
  return text + "}";
}

TEST(JsonShape, ObjectsAreBoundedBeforeTheyAreParsed) {
  EXPECT_EQ(problem_of(object_of(20'000)), "none");
  EXPECT_EQ(problem_of("[" + object_of(20'001) + "]"),
            "f.json: expected objects of at most 20000 members, found 20001");
}

TEST(JsonShape, FilesAreBoundedBeforeTheyAreParsed) {
  EXPECT_EQ(problem_of(lists(500)), "none");
  EXPECT_EQ(problem_of(lists(501)),
            "f.json: not valid JSON: lists and objects nest deeper than 500");
  EXPECT_EQ(problem_of(R"({"x":)" + lists(200000) + "}"),
            "f.json: not valid JSON: lists and objects nest deeper than 500");
}

TEST(JsonShape, NumbersBeyondEveryTypeAreNamed) {
  EXPECT_EQ(problem_of(R"({"top_p":1e400})"),
            "f.json: not valid JSON: a number is too large for any type");
}

}  // namespace
}  // namespace lmc
