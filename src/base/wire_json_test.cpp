#include "base/wire_json.h"

#include <gtest/gtest.h>

#include <string>

namespace lmc {
namespace {

std::string nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(WireJson, OneValueOrNothing) {
  EXPECT_EQ(parse_wire_json(R"({"b":[1,"]"],"a":"\"{"})")->dump(), R"({"a":"\"{","b":[1,"]"]})");
  EXPECT_EQ(parse_wire_json(" null ")->type(), LargeJson::value_t::null);
  for (const char* text : {"", "{", "[1,]", "{} {}", "NaN", "[1e999]", "\"\xff\"", "\"\\ud800\""}) {
    EXPECT_FALSE(parse_wire_json(text).has_value()) << text;
  }
}

TEST(WireJson, DepthIsBounded) {
  EXPECT_TRUE(parse_wire_json(nested(kMaxWireDepth)).has_value());
  EXPECT_FALSE(parse_wire_json(nested(kMaxWireDepth + 1)).has_value());
  EXPECT_FALSE(parse_wire_json(nested(10'000'000)).has_value());
  EXPECT_FALSE(parse_wire_json(std::string(100'000, '[')).has_value());
  // Brackets in a string are no nesting.
  EXPECT_TRUE(parse_wire_json("[\"\\\"" + std::string(1000, '[') + "\"]").has_value());
}

// An object that looks its keys up one by one would need an hour for these.
TEST(WireJson, ManyMembersTakeNoLonger) {
  std::string text = "{";
  for (int i = 0; i < 300'000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  text.back() = '}';
  EXPECT_EQ(parse_wire_json(text)->size(), 300'000u);
}

}  // namespace
}  // namespace lmc
