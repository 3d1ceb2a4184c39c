#include "base/field_identity.h"

#include <gtest/gtest.h>

namespace lmc {
namespace {

struct Options {
  std::string questions = "q.jsonl";
  int64_t workers = 3;
  double rate = 0.25;
  std::vector<std::string> parts = {"a"};

  std::vector<Field> fields() {
    return {{"questions", "file", free_to_change(as_file(&questions)), true},
            {"workers", "how many", free_to_change(&workers), from_to(1, 9)},
            {"rate", "how fast it learns", &rate, at_least(0)},
            {"parts", "which", &parts}};
  }
};

TEST(FieldIdentity, AnOptionDecidesUnlessItIsMarked) {
  Options options;
  EXPECT_EQ(to_text(deciding_options(options.fields())), R"({"rate":0.25,"parts":["a"]})");
  EXPECT_EQ(free_options(options.fields()), (std::vector<std::string>{"questions", "workers"}));
  const Field marked = options.fields()[0];
  EXPECT_EQ(marked.word, "FILE") << "the mark leaves the rest as it was";
  EXPECT_TRUE(marked.required);
  EXPECT_EQ(options.fields()[1].range.text(), "1 to 9");
}

TEST(FieldIdentity, DifferencesHaveBothValues) {
  const Json recorded = {{"rate", 0.25}, {"parts", {"a"}}, {"gone", true}};
  const Json asked = {{"parts", {"a", "b"}}, {"rate", 0.25}, {"new", 4}};
  const std::vector<Difference> all = difference_of(recorded, asked);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "parts");
  EXPECT_EQ(all[0].recorded, Json({"a"}));
  EXPECT_EQ(all[0].asked, Json({"a", "b"}));
  EXPECT_EQ(
      text_of(all),
      R"(parts was ["a"], is ["a","b"]; gone was true, is not given; new was not given, is 4)");
}

TEST(FieldIdentity, OrderAndAbsenceOfNothingAreNoDifference) {
  EXPECT_TRUE(difference_of({{"a", 1}, {"b", "x"}}, {{"b", "x"}, {"a", 1}}).empty());
  EXPECT_TRUE(difference_of({{"a", 1}, {"b", nullptr}}, {{"a", 1}}).empty());
  EXPECT_TRUE(difference_of(Json::object(), {{"a", nullptr}}).empty());
  EXPECT_EQ(difference_of(nullptr, {{"a", 2}}).size(), 1U);
  EXPECT_EQ(text_of({}), "");
}

}  // namespace
}  // namespace lmc
