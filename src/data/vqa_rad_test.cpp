#include <gmock/gmock.h>

#include <map>

#include "base/check.h"         // InputError
#include "data/alternatives.h"  // kNoAlternatives
#include "data/test_folder.h"
#include "data/test_rows.h"

namespace lmc::data {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

using VqaRadTest = FolderTest;

std::string entry(const std::string& qid, const std::string& question, const std::string& answer,
                  const std::string& type = "CLOSED", const std::string& phrase = "freeform") {
  return R"({"qid": )" + qid + R"(, "phrase_type": ")" + phrase +
         R"(", "image_name": "synpic1.jpg", "question": ")" + question + R"(", "answer": )" +
         answer + R"(, "answer_type": ")" + type + R"("})";
}

TEST_F(VqaRadTest, ClosedQuestionsBecomeChoices) {
  const QuestionSet set = read_vqa_rad(write(
      "v.json", "[" + entry("\"0\"", "Is it large? ", "\" Yes\"", "CLOSED ", "test_para") + "," +
                    entry("7", "Is it small?", "\"no\"") + "," + entry("8", "How many?", "4") +
                    "," + entry("9", "What is it?", "\"A mass\"", "OPEN") + "," +
                    entry("7", "Is it round?", "\"no\"") + ",3]"));
  ASSERT_EQ(set.questions.size(), 2U);
  const record::Question& first = set.questions[0].question;
  EXPECT_EQ(first.id, "vqa-rad/0");
  EXPECT_EQ(first.question, "Is it large?");
  EXPECT_THAT(first.options, UnorderedElementsAre(Pair('A', "Yes"), Pair('B', "No")));
  EXPECT_EQ(first.answer, 'A');
  EXPECT_EQ(first.split, "test");
  EXPECT_EQ(first.group, "synpic1");
  EXPECT_EQ(set.questions[1].question.answer, 'B');
  EXPECT_EQ(set.questions[1].question.split, "train");
  ASSERT_EQ(set.rejected.size(), 4U);
  EXPECT_EQ(set.rejected[0].row, 3);
  EXPECT_THAT(set.rejected[0].reason, HasSubstr("names no alternatives"));
  EXPECT_THAT(set.rejected[1].reason, HasSubstr("open"));
  EXPECT_EQ(set.rejected[2].reason, kRepeatedId);
  EXPECT_THAT(set.rejected[3].reason, HasSubstr("not an object"));
}

TEST_F(VqaRadTest, AQuestionsOwnAlternativesAreItsOptions) {
  const QuestionSet set = read_vqa_rad(
      write("v.json", "[" + entry("1", "Is it an MRI, CT or X-Ray?", "\"CT\"") + "," +
                          entry("2", "Is it a pneumonia or edema of the lung?", "\"Both\"") + "]"));
  ASSERT_EQ(set.questions.size(), 1U);
  EXPECT_THAT(set.questions[0].question.options,
              UnorderedElementsAre(Pair('A', "MRI"), Pair('B', "CT"), Pair('C', "X-Ray")));
  EXPECT_EQ(set.questions[0].question.answer, 'B');
  ASSERT_EQ(set.rejected.size(), 1U);
  EXPECT_EQ(set.rejected[0].detail, "Both");
}

TEST_F(VqaRadTest, OtherJsonIsAnError) {
  EXPECT_THROW(read_vqa_rad(write("v.json", "{}")), InputError);
}

// Counts from the file itself: 1,193 answers of 1,299 closed questions are yes or no; the further
// ones were read one by one.
TEST_F(VqaRadTest, WholeSet) {
  const std::string path = shared_data() + "/vqa_rad/VQA_RAD_Dataset_Public.json";
  if (!file_exists(path)) GTEST_SKIP() << "needs " << path;
  const QuestionSet set = read_vqa_rad(path);
  int num_yes = 0;
  int num_no = 0;
  int num_test = 0;
  std::map<std::string, record::Question> named;  // the alternatives, by id
  for (const SourceQuestion& source : set.questions) {
    const record::Question& question = source.question;
    if (question.split == "test") ++num_test;
    if (question.options.at('A') == "Yes") {
      ++(question.answer == 'A' ? num_yes : num_no);
    } else {
      named[question.id] = question;
    }
  }
  EXPECT_EQ(num_yes, 587);
  EXPECT_EQ(num_no, 606);
  EXPECT_EQ(named.size(), 88U);
  EXPECT_EQ(num_test, 271);
  EXPECT_EQ(named.at("vqa-rad/1012").options.at('B'), "without contrast");
  EXPECT_EQ(named.at("vqa-rad/819").answer, 'A');
  EXPECT_EQ(named.at("vqa-rad/359").options.at('A'), "small bowel");
  EXPECT_EQ(named.at("vqa-rad/2242").options.size(), 3U);
  std::map<std::string, int> reasons;
  for (const RejectedRow& row : set.rejected) ++reasons[row.reason];
  EXPECT_THAT(reasons, UnorderedElementsAre(Pair("the question is open, not a choice", 949),
                                            Pair(kNoAlternatives, 3),
                                            Pair(kUnclearAlternatives, 11), Pair(kOtherAnswer, 4)));
}

}  // namespace
}  // namespace lmc::data
