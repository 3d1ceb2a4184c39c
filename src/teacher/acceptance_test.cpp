#include "teacher/acceptance.h"

#include <gtest/gtest.h>

#include "base/check.h"  // cat

namespace lmc::teacher {
namespace {

record::Question question() {
  record::Question question;
  question.id = "q1";
  question.question = "Which structure is enlarged?";
  question.options = {{'A', "Liver"}, {'B', "Heart"}, {'C', "Spleen"}, {'D', "Kidney"}};
  question.answer = 'B';
  return question;
}

TeacherReply reply_of(std::string text, std::string finish = "stop") {
  TeacherReply reply;
  reply.text = std::move(text);
  reply.finish = std::move(finish);
  return reply;
}

std::string reason_of(std::string text, std::string finish = "stop") {
  const Verdict verdict = judge(reply_of(std::move(text), std::move(finish)), question());
  EXPECT_EQ(verdict.accepted, verdict.reason.empty());
  return verdict.reason;
}

constexpr const char* kGood =
    "The frontal radiograph shows a cardiac silhouette wider than half of the chest, while the "
    "lungs are clear.";

TEST(Acceptance, AWholeReplyWithReasoningToTheGoldAnswer) {
  const Verdict verdict = judge(reply_of(cat(kGood, "\n\nAnswer: B")), question());
  EXPECT_TRUE(verdict.accepted) << verdict.reason;
  EXPECT_EQ(verdict.letter, "B");
  EXPECT_EQ(verdict.reasoning, kGood);
}

TEST(Acceptance, ReasoningInAThinkBlockCounts) {
  const Verdict verdict =
      judge(reply_of(cat("<think>\n", kGood, "\n</think>\n\nAnswer: B")), question());
  EXPECT_TRUE(verdict.accepted) << verdict.reason;
  EXPECT_EQ(verdict.reasoning, kGood);
}

TEST(Acceptance, EveryReasonToReject) {
  EXPECT_EQ(reason_of(cat(kGood, "\n\nAnswer: B"), "length"), "truncated");
  EXPECT_EQ(reason_of(""), "empty");
  EXPECT_EQ(reason_of(" \n\t\n"), "empty");
  EXPECT_EQ(reason_of("I\xe2\x80\x99m sorry, but I can\xe2\x80\x99t help with that."), "refused");
  EXPECT_EQ(reason_of(cat("As an AI I am no doctor. ", kGood, "\n\nAnswer: B")), "refused");
  EXPECT_EQ(reason_of("", "content_filter"), "refused");
  EXPECT_EQ(reason_of(kGood), "no-answer");
  EXPECT_EQ(reason_of(cat(kGood, "\n\nAnswer: C")), "wrong-answer");
  EXPECT_EQ(reason_of("Answer: B"), "no-reasoning");
  EXPECT_EQ(reason_of("It is B.\n\nAnswer: B"), "no-reasoning");
  EXPECT_EQ(reason_of(cat(kGood, " The correct answer is given as B.\n\nAnswer: B")), "gold-leak");
  EXPECT_EQ(reason_of(cat("Based on the\nprovided answer, ", kGood, "\n\nAnswer: B")), "gold-leak");
  EXPECT_EQ(reason_of(cat("According to the caption, ", kGood, "\n\nAnswer: B")), "cites-caption");
}

}  // namespace
}  // namespace lmc::teacher
