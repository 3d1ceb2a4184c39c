#include <gmock/gmock.h>

#include "base/check.h"  // InputError
#include "data/closed_question.h"
#include "data/test_folder.h"
#include "data/test_rows.h"

namespace lmc::data {
namespace {

using testing::MatchesRegex;
using testing::Pair;
using testing::UnorderedElementsAre;

using PathVqaTest = FolderTest;

constexpr char kClosed[] =
    R"({"image": "train_0422", "question": "Is the gastric mucosa ulcerated?", "answer": "yes"})";
constexpr char kOpen[] =
    R"({"image": "train_0422", "question": "What is present?", "answer": "gastrointestinal"})";

TEST_F(PathVqaTest, YesOrNoQuestionsOfAList) {
  const QuestionSet set = read_path_vqa(
      write("train_qa.json", std::string("\n[") + kClosed + "," + kOpen + "," + kClosed +
                                 R"(,{"image": "x.png", "question": "Is it?", "answer": "No ",)"
                                 R"( "split": "val"}, {"image": "x", "question": "?"}, 3])"));
  ASSERT_EQ(set.questions.size(), 2U);
  const record::Question& first = set.questions[0].question;
  EXPECT_THAT(first.id, MatchesRegex("path-vqa/train/train_0422/[0-9a-f]{12}"));
  EXPECT_EQ(first.image, "train_0422.jpg");
  EXPECT_EQ(first.group, "train_0422");
  EXPECT_EQ(first.split, "train");
  EXPECT_EQ(first.source, "path-vqa:train_qa.json");
  EXPECT_THAT(first.options, UnorderedElementsAre(Pair('A', "Yes"), Pair('B', "No")));
  EXPECT_EQ(first.answer, 'A');
  EXPECT_EQ(set.questions[1].question.image, "x.png");
  EXPECT_EQ(set.questions[1].question.answer, 'B');
  EXPECT_EQ(set.questions[1].question.split, "val");
  ASSERT_EQ(set.rejected.size(), 4U);
  EXPECT_EQ(set.rejected[0].reason, kOpenQuestion);
  EXPECT_EQ(set.rejected[0].row, 2);
  EXPECT_EQ(set.rejected[0].detail, "gastrointestinal");
  EXPECT_EQ(set.rejected[1].reason, kRepeatedId);
  EXPECT_THAT(set.rejected[2].reason, testing::HasSubstr("key is missing"));
  EXPECT_THAT(set.rejected[3].reason, testing::HasSubstr("not an object"));
}

TEST_F(PathVqaTest, JsonLinesAreTheSame) {
  const QuestionSet set =
      read_path_vqa(write("val.jsonl", std::string(kClosed) + "\n\n" + kOpen + "\n{\"image\"\n"));
  ASSERT_EQ(set.questions.size(), 1U);
  EXPECT_EQ(set.questions[0].question.split, "validation");
  ASSERT_EQ(set.rejected.size(), 2U);
  EXPECT_EQ(set.rejected[0].row, 3);
  EXPECT_EQ(set.rejected[1].reason, "the line is not JSON");
}

}  // namespace
}  // namespace lmc::data
