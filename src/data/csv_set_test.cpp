#include <gmock/gmock.h>

#include "base/check.h"  // InputError
#include "data/test_folder.h"
#include "data/test_rows.h"

namespace lmc::data {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

using CsvSetTest = FolderTest;

TEST_F(CsvSetTest, TheHeaderNamesTheColumns) {
  for (const char* options :
       {"A,B,C", "option_a,option_b,option_c", "Choice A,Choice B,Choice C"}) {
    const QuestionSet set = read_csv(
        write("own.csv", cat("id,Question,", options,
                             ",Answer,image,caption,split,group,modality,remark\n"
                             "q7,\"Which, now?\",None,N/A,NA,B,a.png,A lung.,test,p1,CT,x\n"
                             ",Which?, left ,right,,A,b.png,,,,,\n")));
    ASSERT_EQ(set.questions.size(), 2U) << options;
    const record::Question& first = set.questions[0].question;
    EXPECT_EQ(first.id, "q7");
    EXPECT_EQ(first.question, "Which, now?");
    EXPECT_THAT(first.options,
                UnorderedElementsAre(Pair('A', "None"), Pair('B', "N/A"), Pair('C', "NA")));
    EXPECT_EQ(first.answer, 'B');
    EXPECT_EQ(first.image, "a.png");
    EXPECT_EQ(first.caption, "A lung.");
    EXPECT_EQ(first.split, "test");
    EXPECT_EQ(first.group, "p1");
    EXPECT_EQ(first.modality, "CT");
    EXPECT_EQ(first.source, "csv:own.csv");
    const record::Question& second = set.questions[1].question;
    EXPECT_THAT(second.id, testing::MatchesRegex("own/[0-9a-f]{12}"));
    EXPECT_THAT(second.options, UnorderedElementsAre(Pair('A', "left"), Pair('B', "right")));
  }
}

TEST_F(CsvSetTest, EachBadRowHasItsReason) {
  const QuestionSet set = read_csv(write("own.csv",
                                         "id,question,image,A,B,answer\n"
                                         "1,,a.png,x,y,A\n"     // no question
                                         "2,Q?,,x,y,A\n"        // no image
                                         "3,Q?,a.png,x,,A\n"    // one option
                                         "4,Q?,a.png,x,y,C\n"   // no option's letter
                                         "5,Q?,a.png,x,y,\n"    // no answer
                                         "6,Q?,a.png,x,y\n"     // cell missing
                                         "7,Q?,a.png,x,y,B\n"   // good
                                         "7,Q?,a.png,x,y,B\n")  // again
  );
  ASSERT_EQ(set.questions.size(), 1U);
  std::vector<std::string> reasons;
  for (const RejectedRow& row : set.rejected) reasons.push_back(row.reason);
  EXPECT_THAT(reasons, testing::ElementsAre(
                           "the question is empty", "the row names no image",
                           "the row has fewer than two options", kBadGold, kBadGold,
                           "the row has another number of cells than the header", kRepeatedId));
}

TEST_F(CsvSetTest, WrongHeadersAreErrors) {
  const auto error_of = [&](const std::string& text) -> std::string {
    try {
      read_csv(write("own.csv", text));
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(error_of("question,A,B,answer\n"), HasSubstr("own.csv:1: the header has no column "
                                                           "\"image\""));
  EXPECT_THAT(error_of("question,image,A,answer\n"), HasSubstr("fewer than two options"));
  EXPECT_THAT(error_of("question,image,A,Option_A,answer\n"), HasSubstr("\"option_a\" twice"));
  EXPECT_THAT(error_of(""), HasSubstr("empty"));
}

}  // namespace
}  // namespace lmc::data
