#include "record/question_line.h"

#include <gtest/gtest.h>

namespace lmc::record {
namespace {

TEST(QuestionLine, IsWhatTheJsonTreeWrites) {
  Question question;
  question.id = "pmc-vqa-1/train/PMC1_F1/0123456789ab";
  question.image = "../images/PMC1_F1.jpg";
  question.question = "Which of the \"two\" is 5 µm, C:\\x\nor\tboth?";
  question.options = {{'A', "None"}, {'B', "ring \x01 \x7F"}, {'C', "bad \xC3( byte"}};
  question.answer = 'C';
  std::string line;
  append_line(line, question);
  EXPECT_EQ(line, to_text(to_json(question)) + "\n");
  question.caption = "Fig. 1";
  question.group = "PMC1";
  question.modality = "MRI";
  question.boxes = {{"mass", {1, 2.5, 3, 4}}};
  question.split = "train";
  question.source = "pmc-vqa-1:train.csv";
  line.clear();
  append_line(line, question);
  EXPECT_EQ(line, to_text(to_json(question)) + "\n");
}

TEST(QuestionLine, EveryByteIsEscapedAsTheJsonTreeDoes) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("a") + static_cast<char>(byte) + "b";
    std::string ours;
    append_json_string(ours, text);
    EXPECT_EQ(ours, to_text(Json(text))) << byte;
  }
}

TEST(QuestionLine, AnImageGroupIsAGroupOrAnImage) {
  Question question;
  question.image = "figures/7.jpg";
  EXPECT_EQ(image_group_of(question), "figures/7.jpg");
  question.image_sha256 = "ab12";
  EXPECT_EQ(image_group_of(question), "ab12");
  question.group = "PMC8253797";
  EXPECT_EQ(image_group_of(question), "PMC8253797");
}

}  // namespace
}  // namespace lmc::record
