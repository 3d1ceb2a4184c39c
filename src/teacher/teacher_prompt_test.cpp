#include "teacher/teacher_prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"                // InputError
#include "base/files.h"                // write_file
#include "prompt/question.h"           // question_messages
#include "teacher/scripted_teacher.h"  // TestFolder

namespace lmc::teacher {
namespace {

record::Question question() {
  record::Question question;
  question.image = "lungs.png";
  question.question = "Which lobe?";
  question.options = {{'A', "Upper"}, {'B', "Lower"}};
  question.answer = 'B';
  question.caption = "Consolidation of the lower lobe.";
  return question;
}

PromptOptions form(bool with_caption) {
  PromptOptions form;
  form.with_caption = with_caption;
  return form;
}

TEST(TeacherPrompt, RejectAsksWhatAStudentIsAsked) {
  const client::ChatPrompt prompt = teacher_prompt(question(), form(false), Mode::kReject);
  const auto student =
      prompt::question_messages({"Which lobe?", {{'A', "Upper"}, {'B', "Lower"}}, ""},
                                prompt::ReplyStyle::kReasoningThenAnswer);
  EXPECT_EQ(prompt.user, student[0].parts[1].text);
  EXPECT_EQ(prompt.system, default_prompt_texts().system);
}

TEST(TeacherPrompt, WithoutAnImageNoneIsSpokenOf) {
  record::Question blind = question();
  blind.image.clear();
  const client::ChatPrompt prompt = teacher_prompt(blind, form(false), Mode::kReject);
  EXPECT_THAT(prompt.user, testing::Not(testing::HasSubstr("image")));
  const Json request = parse_json(client::request_text(prompt, "", {}), "request");
  const Json& content = request["messages"].back()["content"];
  ASSERT_EQ(content.size(), 1U);
  EXPECT_EQ(content[0]["text"], prompt.user);
}

TEST(TeacherPrompt, TheGoldAnswerIsGivenOnlyToRationalise) {
  record::Question other = question();
  other.answer = 'A';
  const std::string withheld = teacher_prompt(question(), form(true), Mode::kReject).user;
  EXPECT_EQ(withheld, teacher_prompt(other, form(true), Mode::kReject).user);
  const std::string text = teacher_prompt(question(), form(true), Mode::kRationalise).user;
  EXPECT_TRUE(text.starts_with(withheld));
  EXPECT_NE(text.find("The correct answer is B."), std::string::npos);
}

TEST(TeacherPrompt, TheCaptionIsShownOnlyWhenAskedFor) {
  for (const Mode mode : {Mode::kReject, Mode::kRationalise}) {
    EXPECT_EQ(teacher_prompt(question(), form(false), mode).user.find("Consolidation"),
              std::string::npos);
    EXPECT_NE(teacher_prompt(question(), form(true), mode).user.find("Consolidation"),
              std::string::npos);
  }
}

TEST(TeacherPrompt, OwnTextsAreFilledIn) {
  PromptOptions own = form(true);
  own.texts.rationalise = "{caption}|{question}|{options}|{answer} {answer_text}|{\"a\": {other}}";
  EXPECT_EQ(teacher_prompt(question(), own, Mode::kRationalise).user,
            "Consolidation of the lower lobe.|Which lobe?|A. Upper\nB. Lower|B Lower|"
            "{\"a\": {other}}");
}

TEST(TeacherPrompt, AValueThatLooksLikeAPlaceStaysAsItIs) {
  EXPECT_EQ(filled("{a}{b", {{"a", "{b}"}, {"b", "c"}}), "{b}{b");
}

TEST(PromptTexts, AreWrittenAndReadAgain) {
  const TestFolder folder;
  write_prompt_texts(folder.file("prompts"));
  EXPECT_EQ(to_json(read_prompt_texts(folder.file("prompts"))), to_json(default_prompt_texts()));
  EXPECT_THROW(write_prompt_texts(folder.file("prompts")), InputError);  // edited texts stay

  write_file(folder.file("prompts/system.txt"), "Be brief.\n");
  std::filesystem::remove(folder.file("prompts/reject.txt"));
  const PromptTexts texts = read_prompt_texts(folder.file("prompts"));
  EXPECT_EQ(texts.system, "Be brief.");
  EXPECT_EQ(texts.reject, default_prompt_texts().reject);
  EXPECT_NE(to_json(texts)["sha256"], to_json(default_prompt_texts())["sha256"]);
}

TEST(PromptTexts, AFolderWithoutTextsOrATextWithoutAQuestionIsRefused) {
  const TestFolder folder;
  EXPECT_THROW(read_prompt_texts(folder.file("")), InputError);
  write_file(folder.file("reject.txt"), "Explain.");
  EXPECT_THROW(read_prompt_texts(folder.file("")), InputError);
}

}  // namespace
}  // namespace lmc::teacher
