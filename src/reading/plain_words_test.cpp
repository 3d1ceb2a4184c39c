#include "reading/plain_words.h"

#include <gtest/gtest.h>

namespace lmc::reading {
namespace {

TEST(PlainWords, CaseBlanksAndPunctuationDoNotCount) {
  const uint64_t text = words_hash("Which of Crohn's lesions is shown, 2.5 cm wide?");
  EXPECT_EQ(text, words_hash("which of  crohn\xE2\x80\x99s lesions\nis shown (2.5\xC2\xA0"
                             "cm wide)"));
  EXPECT_NE(text, words_hash("Which of Crohn's lesions is shown, 25 cm wide?"));
  EXPECT_NE(text, words_hash("Which of Crohn's lesions is wide, 2.5 cm shown?"));
  EXPECT_EQ(words_hash("C-arm"), words_hash("c arm"));
  EXPECT_EQ(words_hash(" ?!"), kNoWords);
}

TEST(PlainWords, SignsCount) {
  EXPECT_NE(words_hash("+1"), words_hash("-1"));
  EXPECT_NE(words_hash("-1"), words_hash("1"));
  EXPECT_NE(words_hash("T2"), words_hash("T2+"));
  EXPECT_NE(words_hash("< 5 mm"), words_hash("> 5 mm"));
  EXPECT_EQ(words_hash("L4-5"), words_hash("L4 5"));  // a dash, not a sign
  EXPECT_NE(words_hash("5 \xC2\xB5g"), words_hash("5 g"));
  EXPECT_NE(words_hash("\xE5\xB7\xA6"), words_hash("\xE5\x8F\xB3"));  // left, right
}

TEST(PlainWords, WhereSentencesBeginAndEnd) {
  const auto words = plain_words("Question: what is it? Choose");
  ASSERT_EQ(words.size(), 5U);
  EXPECT_TRUE(words[0].starts && words[0].ends);
  EXPECT_TRUE(words[1].starts && !words[1].ends);
  EXPECT_TRUE(!words[3].starts && words[3].ends);
  EXPECT_TRUE(words[4].starts && words[4].ends);
  EXPECT_EQ(words_hash(std::span(words).subspan(1, 3)), words_hash("What is it?"));
}

}  // namespace
}  // namespace lmc::reading
