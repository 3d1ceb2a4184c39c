#include "reading/option_order.h"

#include <gtest/gtest.h>

#include <set>

namespace lmc::reading {
namespace {

prompt::QuestionText with_options(std::map<char, std::string> options) {
  return {"What is seen?", std::move(options), ""};
}

TEST(OptionOrderTest, OptionsThatReferToOthersDoNotMove) {
  EXPECT_EQ(movable_letters(with_options({{'A', "air"}, {'B', "fluid"}, {'C', "bone"}})), "ABC");
  EXPECT_EQ(movable_letters(with_options({{'A', "Hepatitis B"}, {'B', "A mass"}})), "AB");
  EXPECT_EQ(movable_letters(with_options({{'A', "air"}, {'B', "fluid"}, {'C', "Both A and B"}})),
            "");
  EXPECT_EQ(movable_letters(with_options({{'A', "A"}, {'B', "B"}, {'C', "C"}})), "");
  EXPECT_EQ(
      movable_letters(with_options({{'A', "air"}, {'B', "fluid"}, {'C', "None of the above"}})),
      "AB");
  EXPECT_EQ(
      movable_letters(with_options({{'A', "air"}, {'B', "All of the above."}, {'C', "bone"}})), "");
  EXPECT_EQ(movable_letters({"Why is option B wrong?", {{'A', "air"}, {'B', "fluid"}}, ""}), "");
}

TEST(OptionOrderTest, EveryOrderIsAPermutationWithTheGoldWhereAsked) {
  const prompt::QuestionText text =
      with_options({{'A', "air"}, {'B', "fluid"}, {'C', "bone"}, {'D', "none of these"}});
  std::set<std::map<char, char>> seen;
  Random random(5);
  for (int i = 0; i < 100; ++i) {
    const char new_gold = "ABC"[i % 3];
    const auto renamed = draw_letters(text, "ABC", 'B', new_gold, random);
    EXPECT_EQ(renamed.at('B'), new_gold);
    EXPECT_EQ(renamed.at('D'), 'D');
    std::set<char> places;
    for (const auto& [letter, place] : renamed) places.insert(place);
    EXPECT_EQ(places.size(), 4U);
    seen.insert(renamed);
  }
  EXPECT_EQ(seen.size(), 6U);
}

TEST(OptionOrderTest, LettersComeEquallyOften) {
  std::vector<std::string> allowed(403, "ABCD");
  for (size_t i = 0; i < 60; ++i) allowed[i] = "A";  // cannot move
  for (size_t i = 60; i < 100; ++i) allowed[i] = "AB";
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    const std::vector<char> letters = balanced_letters(allowed, 1, epoch);
    std::map<char, int64_t> counts;
    for (size_t i = 0; i < letters.size(); ++i) {
      EXPECT_NE(allowed[i].find(letters[i]), std::string::npos);
      ++counts[letters[i]];
    }
    for (const auto& [letter, count] : counts) EXPECT_TRUE(count == 100 || count == 101) << letter;
    EXPECT_EQ(letters, balanced_letters(allowed, 1, epoch));
  }
  EXPECT_NE(balanced_letters(allowed, 1, 0), balanced_letters(allowed, 1, 1));
  EXPECT_NE(balanced_letters(allowed, 1, 0), balanced_letters(allowed, 2, 0));
}

}  // namespace
}  // namespace lmc::reading
