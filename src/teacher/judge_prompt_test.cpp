#include "teacher/judge_prompt.h"

#include <gmock/gmock.h>

namespace lmc::teacher {
namespace {

using testing::HasSubstr;
using testing::Not;

record::Question question() {
  record::Question question;
  question.question = "Which structure is enlarged?";
  question.options = {{'A', "Liver"}, {'B', "Heart"}};
  question.answer = 'B';
  question.caption = "Chest film of a child.";
  return question;
}

TEST(JudgePrompt, HoldsWhatTheJudgeNeeds) {
  const client::ChatPrompt prompt = judge_prompt(question(), "The heart is wide.", {});
  EXPECT_EQ(prompt.system, kJudgeSystemPrompt);
  EXPECT_EQ(prompt.user,
            "Question: Which structure is enlarged?\nA. Liver\nB. Heart\nCorrect answer: B\n\n"
            "Explanation:\n<explanation>\nThe heart is wide.\n</explanation>\n\nIs this "
            "explanation valid? End with one line: \"Verdict: valid\" or \"Verdict: invalid\".");
  EXPECT_THAT(prompt.user, Not(HasSubstr("Chest film")));
}

TEST(JudgePrompt, TheCaptionAndASystemMessageOfOnesOwn) {
  PromptOptions form;
  form.with_caption = true;
  form.texts.judge = "Judge.";
  const client::ChatPrompt prompt = judge_prompt(question(), "x", form);
  EXPECT_EQ(prompt.system, "Judge.");
  EXPECT_THAT(prompt.user, HasSubstr("Chest film of a child."));
}

TEST(JudgeReply, Valid) {
  for (const char* reply : {
           "Verdict: valid",
           "The findings are there.\n\nVerdict: valid",
           "The findings are there.\n**Verdict:** Valid.\n",
           "**Verdict: VALID**",
           "### Verdict\nFine.\n\nverdict is valid",
           "{\"verdict\": \"valid\"}",
           "```json\n{\"reason\": \"all can be seen\", \"verdict\": \"valid\"}\n```",
           "It is sound.\n\nValid",
           "**Valid.**",
           "<think>Verdict: invalid? No.</think>\nVerdict: valid",
           "Verdict: invalid at first sight. On reflection:\nVerdict: valid",
       }) {
    EXPECT_EQ(reason_of_judge(reply), "") << reply;
  }
}

TEST(JudgeReply, Invalid) {
  for (const char* reply : {
           "Verdict: invalid",
           "There is no effusion.\n\n**Verdict:** *invalid*",
           "{\"verdict\":\"invalid\"}",
           "Verdict: not valid",
           "It looks valid.\nVerdict: invalid",
           "There is no effusion.\nInvalid.",
       }) {
    EXPECT_EQ(reason_of_judge(reply), "judge") << reply;
  }
}

TEST(JudgeReply, Unreadable) {
  for (const char* reply : {
           "",
           "The explanation is valid in parts.",
           "Verdict: valid or invalid",
           "Verdict: valid/invalid",
           "Verdict:",
           "Verdict: unsure",
           "I cannot say.",
           "<think>Verdict: valid",
           "{\"verdict\": null}",
           "Verdict: valid\n\nVerdict: I take that back",
       }) {
    EXPECT_EQ(reason_of_judge(reply), "judge-unreadable") << reply;
  }
}

}  // namespace
}  // namespace lmc::teacher
