#include "eval/answer_agreement.h"

#include <gtest/gtest.h>

namespace lmc::eval {
namespace {

std::vector<record::Answer> answers(const std::string& letters) {
  std::vector<record::Answer> made;
  for (const char letter : letters) {
    record::Answer& answer = made.emplace_back();
    answer.question_id = std::to_string(made.size());
    answer.gold = "A";
    if (letter != '-') answer.letter = letter;
  }
  return made;
}

TEST(AnswerAgreement, CountsLettersAndWhoIsRight) {
  // Right together, right in one alone, wrong alike and otherwise, no answer in both and in one.
  const AnswerAgreement made = agreement_of(answers("AAABBB--A"), answers("AABABC-A-"));
  EXPECT_EQ(made.right.total, 9);
  EXPECT_EQ(made.same_letter, 4);
  EXPECT_EQ(made.first_right, 4);
  EXPECT_EQ(made.second_right, 4);
  EXPECT_EQ(made.right.only_first, 2);
  EXPECT_EQ(made.right.only_second, 2);
}

}  // namespace
}  // namespace lmc::eval
