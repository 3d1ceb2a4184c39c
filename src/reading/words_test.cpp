#include "reading/words.h"

#include <gtest/gtest.h>

#include "base/random.h"  // Random

namespace lmc::reading {
namespace {

std::string joined(std::string_view text) {
  const Words words(text);
  std::string all;
  for (size_t i = 0; i < words.size(); ++i) {
    all += words.kind(i) == Words::Kind::kStop ? "/" : std::string(words[i]);
    all += ' ';
  }
  return all;
}

TEST(Words, LowerCaseWithoutMarkdownAndTypography) {
  EXPECT_EQ(joined("The **Provided** _answer_: \xe2\x80\x9c"
                   "B\xe2\x80\x9d"),
            "the provided answer . b ");
  EXPECT_EQ(joined("It\xe2\x80\x99s 2.5 cm. Fig. 2A shows"), "it's 2.5 cm / fig . 2a shows ");
  EXPECT_EQ(joined("ground-truth - x"), "ground truth . x ");
  EXPECT_EQ(joined("<think>a</think> p<0.05"), ". a . p . 0.05 ");
  EXPECT_EQ(joined("心脏CT。"), "心 脏 ct / ");
  EXPECT_EQ(joined(""), "");
}

TEST(Words, Count) {
  EXPECT_EQ(Words("One, two; three.").count(), 3);
  EXPECT_EQ(Words("心影增大 CT").count(), 3);
}

TEST(Words, AnyBytes) {
  Random random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string text(static_cast<size_t>(random.integer(0, 40)), ' ');
    for (char& c : text) c = static_cast<char>(random.integer(0, 255));
    const Words words(text);
    for (size_t k = 0; k < words.size(); ++k) EXPECT_FALSE(words[k].empty());
  }
}

TEST(Phrases, Slots) {
  const Phrases phrases{"given|provided ?correct answer !choices", "fig . #", "给定 ?的 答案"};
  const auto has = [&](std::string_view text) { return phrases.in(Words(text)); };
  EXPECT_TRUE(has("the given answer"));
  EXPECT_TRUE(has("the Provided\ncorrect answer is"));
  EXPECT_FALSE(has("the provided answer choices"));
  EXPECT_FALSE(has("it is given. Answer B"));
  EXPECT_FALSE(has("given right answer"));
  EXPECT_TRUE(has("(Fig. 2a)"));
  EXPECT_TRUE(has("fig 12"));
  EXPECT_FALSE(has("a fig tree"));
  EXPECT_TRUE(has("与给定的答案一致"));
  EXPECT_TRUE(has("给定答案"));
  EXPECT_FALSE(has("given"));
}

}  // namespace
}  // namespace lmc::reading
