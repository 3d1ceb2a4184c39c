#include <gmock/gmock.h>

#include <map>

#include "base/check.h"  // InputError
#include "data/test_folder.h"
#include "data/test_rows.h"

namespace lmc::data {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

const std::string kHeader1 =
    "Figure_path,Question,Answer,Choice A,Choice B,Choice C,Choice D,Answer_label\n";
const std::string kHeader2 =
    "index,Figure_path,Caption,Question,Choice A,Choice B,Choice C,Choice D,Answer,split\n";

std::map<std::string, int> reasons(const QuestionSet& set) {
  std::map<std::string, int> counts;
  for (const RejectedRow& row : set.rejected) ++counts[row.reason];
  return counts;
}

using PmcVqaTest = FolderTest;

TEST_F(PmcVqaTest, Version2) {
  const QuestionSet set = read_pmc_vqa(write(
      "train_2.csv", kHeader2 + "35,PMC8253797_Fig4_11.jpg,\"A cell, altered.\", Which color? ,"
                                " A: Green , B: Red , C: Light blue , D: None,B,train\n"));
  ASSERT_EQ(set.questions.size(), 1U);
  const record::Question& question = set.questions[0].question;
  EXPECT_EQ(question.id, "pmc-vqa-2/35");
  EXPECT_EQ(question.image, "PMC8253797_Fig4_11.jpg");
  EXPECT_EQ(question.question, "Which color?");
  EXPECT_THAT(question.options, UnorderedElementsAre(Pair('A', "Green"), Pair('B', "Red"),
                                                     Pair('C', "Light blue"), Pair('D', "None")));
  EXPECT_EQ(question.answer, 'B');
  EXPECT_EQ(question.caption, "A cell, altered.");
  EXPECT_EQ(question.split, "train");
  EXPECT_EQ(question.source, "pmc-vqa-2:train_2.csv");
  EXPECT_EQ(question.group, "PMC8253797");
  EXPECT_EQ(set.questions[0].row, 1);
  EXPECT_THAT(set.notes, UnorderedElementsAre(
                             Pair("an option reads None or N/A (it is a text like others)", 1)));
}

TEST_F(PmcVqaTest, Version1IsKnownByItsHeader) {
  const std::string row = "PMC1_F1.jpg,What?,Red,A:Green,B:Red,C:NA,D:N/A,B\n";
  const QuestionSet set = read_pmc_vqa(write("train_2.csv", kHeader1 + row));
  ASSERT_EQ(set.questions.size(), 1U);
  const record::Question& question = set.questions[0].question;
  EXPECT_THAT(question.id, testing::MatchesRegex("pmc-vqa-1/train_2/PMC1_F1/[0-9a-f]{12}"));
  EXPECT_EQ(question.options.at('C'), "NA");
  EXPECT_EQ(question.options.at('D'), "N/A");
  EXPECT_EQ(question.split, "train");
  EXPECT_EQ(question.caption, "");
  // The id is that of the row, wherever it stands.
  const std::string other = "PMC2_F1.jpg,Why?,Red,A:Green,B:Red,C:x,D:y,B\n";
  const QuestionSet moved = read_pmc_vqa(write("train_2.csv", kHeader1 + other + row));
  EXPECT_EQ(moved.questions[1].question.id, question.id);
}

TEST_F(PmcVqaTest, ColumnsMayStandInAnyOrder) {
  const QuestionSet set =
      read_pmc_vqa(write("t.csv",
                         "\xEF\xBB\xBF"
                         "Answer_label,Choice D,Choice C,Choice B,Choice A,Answer,Question,"
                         "Figure_path\r\nC,D:4,C:3,B:2,A:1,3,How many?,f.png\r\n"));
  ASSERT_EQ(set.questions.size(), 1U);
  EXPECT_EQ(set.questions[0].question.options.at('C'), "3");
  EXPECT_EQ(set.questions[0].question.answer, 'C');
}

TEST_F(PmcVqaTest, UnlabelledChoicesAreFineWhenAllAre) {
  const QuestionSet set =
      read_pmc_vqa(write("t.csv", kHeader1 + "f.png,Which?,T2,T1,T2,B cells,none,B\n"));
  ASSERT_EQ(set.questions.size(), 1U);
  EXPECT_EQ(set.questions[0].question.options.at('C'), "B cells");
}

TEST_F(PmcVqaTest, EachBadRowHasItsReason) {
  const QuestionSet set = read_pmc_vqa(write(
      "t.csv", kHeader1 +
                   "f.png,Q?,x,A:x,B:y,C:z,D:w,'\n"        // 1 no letter
                   "f.png,Q?,x,A:x,B:y,C:z,D:w,E\n"        // 2 no option's letter
                   "f.png,Q?,x,A:x,C:y,C:z,D:w,A\n"        // 3 doubled label
                   "f.png,Q?,x,A:x,y,C:z,D:w,A\n"          // 4 label missing
                   "f.png,Q?,x,A:x,B: ,C:z,D:w,A\n"        // 5 empty choice
                   "f.png,\"\",x,A:x,B:y,C:z,D:w,A\n"      // 6 empty question
                   ",Q?,x,A:x,B:y,C:z,D:w,A\n"             // 7 no figure
                   "f.png,Q?,x,A:x,B:y,C:z,D:w\n"          // 8 cell missing
                   "f.png,Q?,x,A:x,B:y,C:z,D:w,A\n"        // 9 good
                   "f.png,Q?,x,A:x,B:y,C:z,D:w,A\n"        // 10 again
                   "f.png,Q?,w,A:x,B:y,C:z,D:w,\" A \"\n"  // 11 good; the text is another option's
                   "f.png,Q?,x,A:x,B:X,C:z,D:w,A\n"));     // 12 good; two options say the same
  EXPECT_THAT(reasons(set),
              UnorderedElementsAre(Pair(kBadGold, 2), Pair("a choice has another's label", 1),
                                   Pair("some choices have a label and some have none", 1),
                                   Pair("a choice is empty", 1), Pair("the question is empty", 1),
                                   Pair("the row names no figure", 1),
                                   Pair("the row has another number of cells than the header", 1),
                                   Pair(kRepeatedId, 1)));
  std::vector<int64_t> kept;
  for (const SourceQuestion& source : set.questions) kept.push_back(source.row);
  EXPECT_THAT(kept, testing::ElementsAre(9, 11, 12));
  EXPECT_THAT(set.notes,
              UnorderedElementsAre(
                  Pair("the answer's text is not that of the gold option (the letter counts)", 1),
                  Pair("another option has the gold option's text (the letter counts)", 1)));
}

TEST_F(PmcVqaTest, ForeignHeaderIsAnError) {
  const std::string path = write("t.csv", "id,text\n1,x\n");
  try {
    read_pmc_vqa(path);
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("t.csv:1"), HasSubstr("no column \"Figure_path\"")));
  }
}

// Rows as published, 4 of which make no question. What becomes of each was read off by eye.
TEST_F(PmcVqaTest, RealRows) {
  const std::string folder = shared_data() + "/pmc_vqa/";
  if (!file_exists(folder)) GTEST_SKIP() << "needs " << folder;
  const QuestionSet train = read_pmc_vqa(folder + "sample_train.csv");
  std::vector<int64_t> kept;
  for (const SourceQuestion& source : train.questions) kept.push_back(source.row);
  EXPECT_THAT(kept, testing::ElementsAre(1, 3, 4, 6, 9));
  EXPECT_THAT(reasons(train),
              UnorderedElementsAre(Pair(kBadGold, 2), Pair("a choice has another's label", 2)));
  // Each of the five that make one is told for what is odd about it, but for the two that are
  // plain.
  EXPECT_EQ(train.notes.at("an option reads None or N/A (it is a text like others)"), 1);  // row 3
  EXPECT_EQ(train.notes.at("quotes left over around a text were taken off"), 1);           // row 4
  EXPECT_EQ(train.notes.at("the answer's text is not that of the gold option (the letter counts)"),
            1);  // row 9
  EXPECT_EQ(train.questions[1].question.options.at('A'), "N/A");
  EXPECT_EQ(train.questions[2].question.options.at('D'), "Solitary level expression of signal S");
  EXPECT_EQ(train.questions[4].question.options.at('A'),
            "T: testes, A: adrenal gland, V: inferior vena cava.");

  const QuestionSet clean = read_pmc_vqa(folder + "sample_test_clean.csv");
  ASSERT_EQ(clean.questions.size(), 1U);
  EXPECT_EQ(clean.questions[0].question.options.at('B'), "Magnetic resonance imaging");
  const QuestionSet second = read_pmc_vqa(folder + "sample_train_2.csv");
  ASSERT_EQ(second.questions.size(), 1U);
  EXPECT_EQ(second.questions[0].question.id, "pmc-vqa-2/35");
  const QuestionSet test2 = read_pmc_vqa(folder + "sample_test_2.csv");
  ASSERT_EQ(test2.questions.size(), 1U);
  EXPECT_EQ(test2.questions[0].question.split, "test");
}

}  // namespace
}  // namespace lmc::data
