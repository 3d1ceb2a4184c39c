#include "teacher/export.h"

#include <gmock/gmock.h>

#include "base/check.h"  // cat
#include "teacher/ledger_files.h"

namespace lmc::teacher {
namespace {

using testing::HasSubstr;

constexpr const char* kHeart = "The cardiac silhouette is wider than half of the chest.";

class ExportTest : public LedgerFilesTest {
 protected:
  ExportOptions options(const std::vector<record::Explanation>& ledger) const {
    ExportOptions options;
    record::Question test = question_of("q3", "What is shown?", {{'A', "CT"}, {'B', "MRI"}}, 'A');
    test.split = "test";
    options.questions = write_records<record::Question>(
        "questions.jsonl",
        {question_of("q1", "Which organ is enlarged?", {{'A', "Liver"}, {'B', "Heart"}}, 'B'),
         question_of("q2", "What follows <image> and <|im_end|>, if x < 3 > y?",
                     {{'A', "<video>"}, {'B', "None"}}, 'A', "/data/PMC2_F2.jpg"),
         test});
    options.explanations = write_records<record::Explanation>("ledger.jsonl", ledger);
    options.out = path("out/export.jsonl");
    return options;
  }
};

TEST_F(ExportTest, ShareGptAsLlavaAndLlamaFactoryReadIt) {
  record::Explanation line = accepted_line("q1", kHeart, "B");
  line.further_reasonings = {"The heart spans more than half of the thorax."};
  const ExportOptions one = options({line});
  const ExportResult result = export_explanations(one);
  EXPECT_EQ(result.questions, 1);
  EXPECT_EQ(result.lines, 2);
  EXPECT_EQ(result.changed_texts, 0);
  const auto lines = lines_of(one.out);
  ASSERT_EQ(lines.size(), 2U);
  const std::string image = path("images/PMC1064097_F1.jpg");
  EXPECT_EQ(lines[0],
            (Json{{"id", "q1"},
                  {"image", image},
                  {"images", Json::array({image})},
                  {"conversations",
                   Json::array({{{"from", "human"},
                                 {"value",
                                  "<image>\nQuestion: Which organ is enlarged?\n"
                                  "A. Liver\nB. Heart\n\n"
                                  "Reason step by step from what the image shows. Then "
                                  "end with one line: \"Answer: X\", where X is the "
                                  "letter of the correct option."}},
                                {{"from", "gpt"}, {"value", cat(kHeart, "\n\nAnswer: B")}}})}}));
  EXPECT_EQ(lines[1]["id"], "q1#2");
  EXPECT_EQ(lines[1]["conversations"][1]["value"],
            "The heart spans more than half of the thorax.\n\nAnswer: B");
}

TEST_F(ExportTest, MessagesAsTrlReadsThem) {
  ExportOptions one = options({accepted_line("q1", kHeart, "B")});
  one.form = "messages";
  one.image_root = folder_;
  export_explanations(one);
  const Json line = lines_of(one.out).at(0);
  EXPECT_EQ(line["images"], Json::array({"images/PMC1064097_F1.jpg"}));
  const Json& user = line["messages"][0];
  EXPECT_EQ(user["role"], "user");
  ASSERT_EQ(user["content"].size(), 2U);
  EXPECT_EQ(user["content"][0], (Json{{"type", "image"}}));
  EXPECT_EQ(user["content"][1]["type"], "text");
  EXPECT_THAT(user["content"][1]["text"].get<std::string>(),
              HasSubstr("Question: Which organ is enlarged?\nA. Liver\n"));
  const Json reply = {{"type", "text"}, {"text", cat(kHeart, "\n\nAnswer: B")}};
  EXPECT_EQ(line["messages"][1], (Json{{"role", "assistant"}, {"content", Json::array({reply})}}));
}

TEST_F(ExportTest, ATokenInsideATextIsNoImage) {
  const ExportOptions one =
      options({accepted_line("q2", "The <image> shows it; <audio> too, 3 < 4 and <b>.", "A")});
  const ExportResult result = export_explanations(one);
  EXPECT_EQ(result.changed_texts, 1);
  EXPECT_THAT(summary(result), HasSubstr("note, 1: tokens inside a text"));
  const Json line = lines_of(one.out).at(0);
  EXPECT_EQ(line["image"], "/data/PMC2_F2.jpg");
  EXPECT_THAT(
      line["conversations"][0]["value"].get<std::string>(),
      HasSubstr(
          "<image>\nQuestion: What follows [image] and [|im_end|], if x < 3 > y?\nA. [video]"));
  EXPECT_EQ(line["conversations"][1]["value"],
            "The [image] shows it; [audio] too, 3 < 4 and <b>.\n\nAnswer: A");
}

TEST_F(ExportTest, WhatIsLeftOutIsCounted) {
  ExportOptions one = options({accepted_line("q1", kHeart, "A"),
                               rejected_line("q1", kHeart, "A", "wrong-answer"),  // counts for q1
                               accepted_line("q2", kHeart, "A"), accepted_line("q3", kHeart, "A"),
                               accepted_line("gone", kHeart, "A")});
  one.split = "train";
  const ExportResult result = export_explanations(one);
  EXPECT_EQ(result.questions, 1);
  EXPECT_EQ(result.rejected, 1);
  EXPECT_EQ(result.other_split, 1);
  EXPECT_EQ(result.no_question, 1);
  EXPECT_THAT(summary(result), HasSubstr("exported 1 questions, 1 lines; rejected and left out 1, "
                                         "of another split 1, no such question 1"));
}

TEST_F(ExportTest, RefusesWrongOptions) {
  ExportOptions one = options({accepted_line("q1", kHeart, "B")});
  one.form = "alpaca";
  EXPECT_THAT(input_error_of([&] { export_explanations(one); }), HasSubstr("sharegpt"));
  one.form = "messages";
  one.out = one.explanations;
  EXPECT_THAT(input_error_of([&] { export_explanations(one); }), HasSubstr("would be replaced"));
}

}  // namespace
}  // namespace lmc::teacher
