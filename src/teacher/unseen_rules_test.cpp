#include <gtest/gtest.h>

#include "teacher/acceptance.h"

namespace lmc::teacher {
namespace {

record::Question question() {
  record::Question question;
  question.question = "Which structure is enlarged?";
  question.options = {{'A', "Liver"}, {'B', "Heart"}, {'C', "Spleen"}, {'D', "Kidney"}};
  question.answer = 'B';
  question.caption =
      "Posteroanterior chest radiograph of a 54-year-old woman with dyspnoea, showing marked "
      "enlargement of the cardiac silhouette and blunting of both costophrenic angles (arrows).";
  return question;
}

constexpr const char* kGood =
    "The heart is wider than half of the chest, while the liver edge lies where it should. ";

std::string reason_with(const std::string& sentence, const record::Question& asked = question()) {
  return judge_explanation(kGood + sentence, "B", asked, {}).reason;
}

TEST(UnseenRules, GoldLeaks) {
  for (const char* sentence : {
           "This conclusion aligns with the provided answer.",
           "The given answer is therefore plausible.",
           "The provided answer of **B** is supported.",
           "The correct answer is given as B.",
           "The answer was given.",
           "Since the correct answer is B, the heart must be large.",
           "Because the right answer is \xe2\x80\x9cHeart\xe2\x80\x9d, the liver is normal.",
           "Given that the correct answer is B, the others can be ruled out.",
           "Given that the only answer provided in the problem statement is C, we adopt it.",
           "The problem explicitly states that the correct answer is B.",
           "The user says that the answer is B.",
           "I was told that it is the heart.",
           "We are told that the correct answer is B.",
           "According to the answer key, it is B.",
           "This agrees with the ground-truth label.",
           "The official answer is B.",
           "This matches the correct answer.",
           "To justify the correct answer, look at the apex.",
           "Option B is listed as the correct answer.",
           "The hint suggests option B.",
           "I write as if I had found it myself.",
           "Knowing that the correct answer is B, one looks at the heart.",
       }) {
    EXPECT_EQ(reason_with(sentence), "gold-leak") << sentence;
  }
}

TEST(UnseenRules, WhatLooksLikeALeak) {
  for (const char* sentence : {
           "The contrast was given intravenously.",
           "The answer is B.",
           "The correct answer is the heart.",
           "Given the patient's age, this is the best answer.",
           "The most likely answer given these findings is the heart.",
           "Of the provided answer choices, only the heart fits.",
           "None of the given answer options but one fits.",
           "MRI is the gold standard for this question.",
           "Bilateral ground-glass opacities are absent.",
           "We are told that the patient is 54 years old.",
           "There is a hint of blunting at both angles.",
           "In the information given, answer B fits best.",
           "The drug was taken as instructed by her physician.",
           "Since the correct management of this is medical, surgery is not needed.",
           "The dose is provided by a pump, and the expected contour is lost.",
       }) {
    EXPECT_EQ(reason_with(sentence), "") << sentence;
  }
}

TEST(UnseenRules, ALeakThatTheQuestionNames) {
  record::Question asked = question();
  asked.question = "Which panel shows the ground truth?";
  EXPECT_EQ(reason_with("The smooth contour is the ground truth.", asked), "");
}

TEST(UnseenRules, GoldLeaksInChinese) {
  record::Question asked = question();
  asked.question = "图中哪个结构增大？";
  asked.options = {{'A', "肝脏"}, {'B', "心脏"}};
  const std::string good = "胸部正位片可见心影明显增大，心胸比超过二分之一，双肺野清晰。";
  EXPECT_EQ(judge_explanation(good, "B", asked, {}).reason, "");
  for (const char* sentence : {"根据提示，选择B。", "这与给定的正确答案一致。", "标准答案为B。"}) {
    EXPECT_EQ(judge_explanation(good + sentence, "B", asked, {}).reason, "gold-leak") << sentence;
  }
}

TEST(UnseenRules, Captions) {
  EXPECT_EQ(reason_with("The caption says so."), "cites-caption");
  EXPECT_EQ(reason_with("As the figure legend tells, the heart is large."), "cites-caption");
  EXPECT_EQ(reason_with("The legendary sign is absent."), "");
  EXPECT_EQ(reason_with("This fits the description of the finding."), "");
  record::Question asked = question();
  asked.question = "What does the caption in the picture say?";
  EXPECT_EQ(reason_with("The caption says so.", asked), "");
  EXPECT_EQ(
      judge_explanation("<CAPTION>The heart is large on this film.</CAPTION>", "B", question(), {})
          .reason,
      "");
}

TEST(UnseenRules, CopiedCaptions) {
  // Eight words in a row, whatever their case and marks.
  EXPECT_EQ(reason_with("One sees MARKED enlargement of the cardiac silhouette, and blunting."),
            "copies-caption");
  // Seven.
  EXPECT_EQ(reason_with("One sees enlargement of the cardiac silhouette and blunting here."), "");
  // Eight, but the option says them, too.
  record::Question asked = question();
  asked.options['B'] = "Marked enlargement of the cardiac silhouette and blunting";
  EXPECT_EQ(reason_with("It is marked enlargement of the cardiac silhouette and blunting.", asked),
            "");
  asked.caption.clear();
  asked.options['B'] = "Heart";
  EXPECT_EQ(reason_with("It is marked enlargement of the cardiac silhouette and blunting.", asked),
            "");
}

TEST(UnseenRules, CopiedCaptionsInChinese) {
  record::Question asked = question();
  asked.question = "图中哪个结构增大？";
  asked.options = {{'A', "肝脏"}, {'B', "心脏"}};
  asked.caption = "胸部正位片显示心影明显增大伴双侧肋膈角变钝，患者为五十四岁女性。";
  EXPECT_EQ(judge_explanation("可以看到显示心影明显增大伴双侧肋膈角变钝的改变，因此是心脏。", "B",
                              asked, {})
                .reason,
            "copies-caption");
  EXPECT_EQ(
      judge_explanation("可以看到心影明显增大，双侧肋膈角也不锐利，因此是心脏。", "B", asked, {})
          .reason,
      "");
}

TEST(UnseenRules, OtherPanels) {
  for (const char* sentence : {
           "Panel B shows the same.",
           "The left panel shows a normal heart.",
           "The upper-right panel is darker.",
           "As Figure 3 shows, the heart is large.",
           "Compare Fig. 2A and the rest.",
           "See figs 1 and 2.",
           "Table 1 lists the measurements.",
           "The authors report a large heart.",
           "The study reported a large heart.",
           "The text mentions a large heart.",
           "According to the article, the heart is large.",
           "As described in the paper, the heart is large.",
       }) {
    EXPECT_EQ(reason_with(sentence), "other-panels") << sentence;
  }
}

TEST(UnseenRules, WhatLooksLikeAnotherPanel) {
  for (const char* sentence : {
           "A metabolic panel would help.",
           "A panel of antibodies was negative.",
           "The aorta shows a figure 3 sign.",
           "Reverse figure 3 appearance of the duodenum is absent.",
           "The figure shows a large heart.",
           "The patient lies on a table.",
           "The study shows a large heart and is of good quality.",
           "The imaging study demonstrates clear lungs.",
           "The table the patient lies on is not in view.",
       }) {
    EXPECT_EQ(reason_with(sentence), "") << sentence;
  }
  record::Question asked = question();
  asked.question = "Which structure is enlarged in panel B of Figure 2?";
  EXPECT_EQ(reason_with("Panel B shows the heart.", asked), "");
  EXPECT_EQ(reason_with("Figure 2 shows the heart.", asked), "");
  EXPECT_EQ(reason_with("Table 1 lists the heart.", asked), "other-panels");
  asked.question = "What did the study find?";
  EXPECT_EQ(reason_with("The study reported a large heart.", asked), "");
}

}  // namespace
}  // namespace lmc::teacher
