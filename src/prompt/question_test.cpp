#include "prompt/question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"  // InputError

namespace lmc::prompt {
namespace {

using testing::HasSubstr;
using testing::Not;

QuestionText question() {
  return {" What does arrow A show? ", {{'A', " Cyst"}, {'B', "Tumor "}}, ""};
}

std::string text_of(const std::vector<Message>& messages) {
  std::string text;
  for (const Part& part : messages.at(0).parts) text += part.text;
  return text;
}

TEST(QuestionMessages, AnswerOnly) {
  const std::vector<Message> messages = question_messages(question(), ReplyStyle::kAnswerOnly);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].role, "user");
  ASSERT_EQ(messages[0].parts.size(), 2u);
  EXPECT_EQ(messages[0].parts[0].kind, Part::Kind::kImage);
  EXPECT_EQ(messages[0].parts[1].text,
            "Question: What does arrow A show?\nA. Cyst\nB. Tumor\n\n"
            "Reply with one line: \"Answer: X\", where X is the letter of the correct option.");
}

TEST(QuestionMessages, ReasoningIsAskedFor) {
  const std::string text = text_of(question_messages(question(), ReplyStyle::kReasoningThenAnswer));
  EXPECT_THAT(text, HasSubstr("Reason step by step from what the image shows."));
  EXPECT_THAT(text, HasSubstr("\"Answer: X\""));
}

TEST(QuestionMessages, WithoutAnImageNoneIsSpokenOf) {
  const std::vector<Message> messages =
      question_messages(question(), ReplyStyle::kReasoningThenAnswer, false);
  EXPECT_EQ(messages[0].parts.size(), 1u);
  EXPECT_THAT(text_of(messages), Not(HasSubstr("image")));
}

// Evaluation gives no caption; the student must see the image.
TEST(QuestionMessages, NoCaptionUnlessGiven) {
  QuestionText with_caption = question();
  with_caption.caption = "Axial slice, zebra pattern.";
  for (const ReplyStyle style : {ReplyStyle::kAnswerOnly, ReplyStyle::kReasoningThenAnswer}) {
    const std::string without = text_of(question_messages(question(), style));
    EXPECT_THAT(without, Not(HasSubstr("aption")));
    const std::string with = text_of(question_messages(with_caption, style));
    EXPECT_EQ(with, "Figure caption: Axial slice, zebra pattern.\n\n" + without);
  }
}

TEST(QuestionMessages, NeedsOptions) {
  EXPECT_THROW(question_messages({"q", {}, ""}, ReplyStyle::kAnswerOnly), InputError);
}

TEST(TrainingReply, EveryStyle) {
  const auto reply = [](ReplyStyle style, ChatStyle chat) {
    return training_reply("\nIt is dense.\n", 'B', style, chat);
  };
  EXPECT_EQ(reply(ReplyStyle::kAnswerOnly, ChatStyle::kInstruct), "Answer: B");
  EXPECT_EQ(reply(ReplyStyle::kReasoningThenAnswer, ChatStyle::kInstruct),
            "It is dense.\n\nAnswer: B");
  EXPECT_EQ(reply(ReplyStyle::kAnswerOnly, ChatStyle::kThinking), "</think>\n\nAnswer: B");
  EXPECT_EQ(reply(ReplyStyle::kReasoningThenAnswer, ChatStyle::kThinking),
            "It is dense.\n</think>\n\nAnswer: B");
}

TEST(TrainingReply, TheTeachersTagsAreTakenOut) {
  EXPECT_EQ(training_reply("<think>a</think> b</thi</think>nk>", 'A',
                           ReplyStyle::kReasoningThenAnswer, ChatStyle::kThinking),
            "a b\n</think>\n\nAnswer: A");
}

}  // namespace
}  // namespace lmc::prompt
