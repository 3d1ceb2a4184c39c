#include <gmock/gmock.h>

#include "base/check.h"  // InputError
#include "data/closed_question.h"
#include "data/test_folder.h"
#include "data/test_rows.h"

namespace lmc::data {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

using SlakeTest = FolderTest;

std::string entry(const std::string& qid, const std::string& language, const std::string& question,
                  const std::string& answer, const std::string& type = "CLOSED") {
  return R"({"img_id": 1, "img_name": "xmlab1/source.jpg", "location": "Abdomen", "modality": "MRI",
             "base_type": "vqa", "content_type": "Modality", "triple": ["vhead", "_", "_"], "qid": )" +
         qid + R"(, "q_lang": ")" + language + R"(", "question": ")" + question +
         R"(", "answer": ")" + answer + R"(", "answer_type": ")" + type + R"("})";
}

TEST_F(SlakeTest, ClosedQuestionsOfBothLanguagesKeepTheirBoxes) {
  write("imgs/xmlab1/detection.json",
        R"([{"Liver": [10, 20, 30, 40]}, {"Spleen": [1, 2, 3, 4.5]}])");
  const std::string path =
      write("test.json", "[" + entry("0", "en", "Does the image contain liver?", "Yes") + "," +
                             entry("1", "zh", "图像中包含肝脏吗？", "不包含") + "," +
                             entry("2", "en", "Is this a CT or an MRI?", "MRI") + "," +
                             entry("3", "en", "What organ is this?", "Liver", "OPEN") + "," +
                             entry("0", "en", "Again?", "No") + "]");
  const QuestionSet set = read_slake(path, folder_ + "/imgs");
  ASSERT_EQ(set.questions.size(), 3U);
  const record::Question& first = set.questions[0].question;
  EXPECT_EQ(first.id, "slake/test/0");
  EXPECT_EQ(first.image, "xmlab1/source.jpg");
  EXPECT_EQ(first.split, "test");
  EXPECT_EQ(first.source, "slake-en:test.json");
  EXPECT_EQ(first.group, "xmlab1");
  EXPECT_EQ(first.modality, "MRI");
  EXPECT_EQ(first.answer, 'A');
  ASSERT_EQ(first.boxes.size(), 2U);
  EXPECT_EQ(first.boxes[0].label, "Liver");
  EXPECT_THAT(first.boxes[0].ltrb_px, testing::ElementsAre(10, 20, 40, 60));

  const record::Question& second = set.questions[1].question;
  EXPECT_EQ(second.source, "slake-zh:test.json");
  EXPECT_THAT(second.options, UnorderedElementsAre(Pair('A', "包含"), Pair('B', "不包含")));
  EXPECT_EQ(second.answer, 'B');
  EXPECT_EQ(set.questions[2].question.options.at(set.questions[2].question.answer), "MRI");

  ASSERT_EQ(set.rejected.size(), 2U);
  EXPECT_EQ(set.rejected[0].reason, kOpenQuestion);
  EXPECT_EQ(set.rejected[1].reason, kRepeatedId);
}

TEST_F(SlakeTest, ChineseChoices) {
  const QuestionSet set = read_slake(
      write("train.json", "[" + entry("0", "zh", "右上肺可以观察到结节吗?", "不可以") + "," +
                              entry("1", "zh", "图像显示的是核磁共振、CT还是X光?", "X光") + "," +
                              entry("2", "zh", "肺部是正常还是异常?", "正常") + "," +
                              entry("3", "zh", "图中肝脏和脾脏哪个更大?", "肝脏") + "," +
                              entry("4", "zh", "肝脏还是肾脏更大?", "正常") + "," +
                              entry("5", "zh", "有没有积液?", "没有") + "," +
                              entry("6", "zh", "能看到肿块吗?", "能") + "]"),
      folder_);
  std::string found;
  for (const SourceQuestion& one : set.questions) {
    for (const auto& [letter, text] : one.question.options) {
      found += (letter == one.question.answer ? "*" : "") + text + ",";
    }
    found += ";";
  }
  EXPECT_EQ(found, "可以,*不可以,;核磁共振,CT,*X光,;*正常,异常,;*肝脏,脾脏,;有,*没有,;*能,不能,;");
  ASSERT_EQ(set.rejected.size(), 1U) << "what the question offers is no yes or no";
}

TEST_F(SlakeTest, WithoutDetectionsThereAreNoBoxes) {
  const std::string path = write("train.json", "[" + entry("5", "en", "Is it large?", "no") + "]");
  const QuestionSet set = read_slake(path, folder_);
  ASSERT_EQ(set.questions.size(), 1U);
  EXPECT_EQ(set.questions[0].question.split, "train");
  EXPECT_TRUE(set.questions[0].question.boxes.empty());
}

TEST_F(SlakeTest, WrongFilesAreNamed) {
  EXPECT_THROW(read_slake(write("a.json", "{}"), folder_), InputError);
  write("xmlab1/detection.json", R"([{"Liver": [1, 2, 3]}])");
  const std::string path = write("b.json", "[" + entry("5", "en", "Is it large?", "no") + "]");
  EXPECT_THROW(read_slake(path, folder_), InputError);
}

}  // namespace
}  // namespace lmc::data
