#include "teacher/teacher_prompt.h"

#include <gtest/gtest.h>

#include "base/check.h"       // InputError
#include "prompt/question.h"  // question_messages

namespace lmc::teacher {
namespace {

record::Question question() {
  record::Question question;
  question.question = "Which lobe?";
  question.options = {{'A', "Upper"}, {'B', "Lower"}};
  question.answer = 'B';
  question.caption = "Consolidation of the lower lobe.";
  return question;
}

TEST(TeacherPrompt, RejectAsksWhatAStudentIsAsked) {
  const TeacherPrompt prompt = teacher_prompt(question(), {Mode::kReject, false, ""});
  const auto student =
      prompt::question_messages({"Which lobe?", {{'A', "Upper"}, {'B', "Lower"}}, ""},
                                prompt::ReplyStyle::kReasoningThenAnswer);
  EXPECT_EQ(prompt.user, student[0].parts[1].text);
  EXPECT_EQ(prompt.system, "");
}

TEST(TeacherPrompt, TheGoldAnswerIsGivenOnlyToRationalise) {
  record::Question other = question();
  other.answer = 'A';
  const PromptForm reject{Mode::kReject, true, "system"};
  EXPECT_EQ(teacher_prompt(question(), reject).user, teacher_prompt(other, reject).user);
  const PromptForm rationalise{Mode::kRationalise, true, "system"};
  const std::string text = teacher_prompt(question(), rationalise).user;
  EXPECT_TRUE(text.starts_with(teacher_prompt(question(), reject).user));
  EXPECT_NE(text.find("The correct answer is B."), std::string::npos);
}

TEST(TeacherPrompt, TheCaptionIsShownOnlyWhenAskedFor) {
  for (const Mode mode : {Mode::kReject, Mode::kRationalise}) {
    EXPECT_EQ(teacher_prompt(question(), {mode, false, ""}).user.find("Consolidation"),
              std::string::npos);
    EXPECT_NE(teacher_prompt(question(), {mode, true, ""}).user.find("Consolidation"),
              std::string::npos);
  }
}

TEST(TeacherPrompt, TheHashNamesTextsAndPicture) {
  const TeacherPrompt prompt{"system", "user"};
  const std::string hash = prompt_sha256(prompt, "abc");
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_EQ(hash, prompt_sha256({"system", "user"}, "abc"));
  EXPECT_NE(hash, prompt_sha256(prompt, "abd"));
  EXPECT_NE(hash, prompt_sha256({"system2", "user"}, "abc"));
  EXPECT_NE(hash, prompt_sha256({"systemu", "ser"}, "abc"));
}

TEST(TeacherPrompt, TheRequest) {
  Drawing drawing{"teacher", 99, 0, 7, Json::object()};
  Json request = request_json({"", "user"}, "data:image/png;base64,", drawing);
  EXPECT_EQ(request["messages"].size(), 1u);
  EXPECT_EQ(request["messages"][0]["content"][0]["image_url"]["url"], "data:image/png;base64,");
  EXPECT_EQ(request["messages"][0]["content"][1]["text"], "user");
  EXPECT_EQ(request["max_tokens"], 99);
  EXPECT_FALSE(request.contains("seed"));
  drawing.temperature = 0.7;
  drawing.extra = {{"top_p", 0.9}};
  request = request_json({"system", "user"}, "", drawing);
  EXPECT_EQ(request["messages"][0], Json({{"role", "system"}, {"content", "system"}}));
  EXPECT_EQ(request["seed"], 7);
  EXPECT_EQ(request["top_p"], 0.9);
}

TEST(TeacherPrompt, ModeWords) {
  for (const Mode mode : {Mode::kReject, Mode::kRationalise}) {
    EXPECT_EQ(mode_from_word(mode_word(mode)), mode);
  }
  EXPECT_THROW(mode_from_word("explain"), InputError);
}

}  // namespace
}  // namespace lmc::teacher
