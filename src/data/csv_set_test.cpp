#include <gmock/gmock.h>

#include "base/check.h"       // InputError
#include "data/csv.h"         // kSwallowedRows
#include "data/own_answer.h"  // kSeveralAnswers
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

// A quote left open before row 2 would give it row 4's options and answer.
TEST_F(CsvSetTest, NoQuestionIsGluedOfTwoRows) {
  const QuestionSet set = read_csv(write("own.csv",
                                         "id,image,question,A,B,answer\n"
                                         "1,a.png,Which?,x,y,A\n"
                                         "2,b.png,\"What is it?,u,v,B\n"
                                         "3,c.png,How?,s,t,A\n"
                                         "4,d.png,Is it longer than 5\",p,q,B\n"
                                         "5,e.png,\"Which,\nnow?\",m,n,A\n"));
  std::string ids;
  for (const SourceQuestion& one : set.questions) ids += one.question.id;
  EXPECT_EQ(ids, "1345");
  EXPECT_EQ(set.questions[2].question.question, "Is it longer than 5\"");
  EXPECT_EQ(set.questions[3].question.question, "Which,\nnow?");
  ASSERT_EQ(set.rejected.size(), 1U);
  EXPECT_EQ(set.rejected[0].reason, kSwallowedRows);
  EXPECT_EQ(set.rejected[0].detail, "line 3");
  EXPECT_EQ(set.rejected[0].row, 2);
}

// A vignette with a line break, whose second line has as many commas as a row.
TEST_F(CsvSetTest, ProseWithLineBreaksIsRead) {
  const QuestionSet set = read_csv(write(
      "own.csv",
      "id,image,question,A,B,answer\n"
      "1,a.png,\"A woman of 45 with fever, cough, dyspnea, and rash.\nWhich, if any, is it?\","
      "x,y,A\n"));
  ASSERT_EQ(set.questions.size(), 1U);
  EXPECT_THAT(set.questions[0].question.question, testing::EndsWith("Which, if any, is it?"));
}

// Images that are named by words, or one that is not named as the others.
TEST_F(CsvSetTest, WhatMayHoldARowIsRejected) {
  for (const char* image : {"knee 3", "three"}) {
    const QuestionSet set = read_csv(write("own.csv", cat("id,image,question,A,B,answer\n"
                                                          "1,knee.png,Which?,x,y,A\n"
                                                          "2,hip.png,\"What is it?,u,v,B\n"
                                                          "3,",
                                                          image,
                                                          ",Is it longer than 5\",p,q,B\n"
                                                          "4,arm.png,How?,s,t,A\n")));
    std::string ids;
    for (const SourceQuestion& one : set.questions) ids += one.question.id;
    EXPECT_EQ(ids, "14") << image;
    ASSERT_EQ(set.rejected.size(), 1U);
    EXPECT_EQ(set.rejected[0].reason, kSwallowedRows);
    EXPECT_EQ(set.rejected[0].detail, "lines 3 to 4");
  }
}

// An unquoted comma before an empty last cell: the options would slide under the gold letter.
TEST_F(CsvSetTest, OptionsThatSlidAreRejected) {
  const QuestionSet set = read_csv(write("own.csv",
                                         "id,image,question,answer,A,B,C,modality\n"
                                         "1,a.png,Which?,B,Femur,Tibia,Fibula,\n"
                                         "2,a.png,How?,B,Femur, distal,Tibia,Fibula,\n"
                                         "3,a.png,Now?,B,Femur,Tibia,,MRI\n"));
  std::string ids;
  for (const SourceQuestion& one : set.questions) ids += one.question.id;
  EXPECT_EQ(ids, "13");
  ASSERT_EQ(set.rejected.size(), 1U);
  EXPECT_EQ(set.rejected[0].reason, "the row has another number of cells than the header");
}

TEST_F(CsvSetTest, OptionsWithOtherLettersAreRejected) {
  const QuestionSet set =
      read_csv(write("own.csv",
                     "id,image,question,A,B,C,answer\n"
                     "1,a.png,Q?,C) Femur,A) Tibia,B) Fibula,B\n"
                     "2,a.png,Q?,A) Femur,Tibia,C) Fibula,B\n"
                     "3,a.png,Q?,A. femur,B. tibia,C. fibula,fibula\n"
                     "4,a.png,Q?,C. albicans,A. flavus,B. cereus,C. albicans\n"));
  std::string letters;
  for (const SourceQuestion& one : set.questions) letters += one.question.id + one.question.answer;
  EXPECT_EQ(letters, "3C4A");
  ASSERT_EQ(set.rejected.size(), 2U);
  EXPECT_EQ(set.rejected[1].reason, kOtherLetters);
  EXPECT_EQ(set.rejected[1].detail, "A) Femur");
}

TEST_F(CsvSetTest, AnswersAndOptionsInTheirManyForms) {
  const QuestionSet set = read_csv(write("own.csv",
                                         "id,image,question,A,B,C,answer,modality\n"
                                         "1,a.png,Q?,Liver,Lung,Heart,b,NaN\n"
                                         "2,a.png,Q?,Liver,Lung,Heart,(B),nan\n"
                                         "3,a.png,Q?,Liver,Lung,Heart,lung,\n"
                                         "4,a.png,Q?,a) Liver,b) Lung,c) Heart,B: Lung,\n"
                                         "5,a.png,Q?,Liver,Lung,Lung,B,\n"
                                         "6,a.png,Q?,Liver,Lung,Heart,\"A, B\",\n"
                                         "7,a.png,Q?,Liver,Lung,Heart,B: Heart,\n"
                                         "8,a.png,Q?,Liver,Lung,NaN,C,\n"));
  ASSERT_EQ(set.questions.size(), 5U);
  for (const SourceQuestion& one : set.questions) {
    EXPECT_EQ(one.question.answer, 'B') << one.question.id;
    EXPECT_EQ(one.question.options.at('B'), "Lung") << one.question.id;
    EXPECT_EQ(one.question.modality, "");
  }
  std::vector<std::string> reasons;
  for (const RejectedRow& row : set.rejected) reasons.push_back(row.reason);
  EXPECT_THAT(reasons, testing::ElementsAre(kSeveralAnswers, kOtherText, kBadGold));
  EXPECT_EQ(set.notes.at(kOwnLetters), 1);
  EXPECT_EQ(set.notes.at(kSameText), 1);
}

TEST_F(CsvSetTest, AnAnswerMayBeAnIndex) {
  const auto letters_of = [&](const std::string& text) {
    std::string letters;
    for (const SourceQuestion& one : read_csv(write("own.csv", text)).questions) {
      letters += one.question.answer;
    }
    return letters;
  };
  EXPECT_EQ(letters_of("image,question,A,B,C,answer_idx\na.png,p,x,y,z,1\na.png,q,x,y,z,2\n"),
            "BC");
  EXPECT_EQ(letters_of("image,question,A,B,C,answer_idx\na.png,p,x,y,z,1\na.png,q,x,y,z,3\n"),
            "AC");
  EXPECT_EQ(letters_of("image,question,A,B,answer\na.png,p,x,y,0\na.png,q,x,y,1\n"), "AB");
  EXPECT_EQ(letters_of("image,question,A,B,answer\na.png,p,x,y,1\na.png,q,x,y,B\n"), "B");
  EXPECT_EQ(letters_of("image,question,A,B,C,answer_idx,answer_index\n"
                       "a.png,p,x,y,z,1,1.0\na.png,q,x,y,z,0,2\na.png,r,x,y,z,0,\n"),
            "BA")
      << "two indices must agree";
  EXPECT_EQ(letters_of("image,question,A,B,answer,answer_idx\na.png,p,x,y,y,B\na.png,q,x,y,x,B\n"),
            "B");
}

TEST_F(CsvSetTest, ExcelsTablesAreRead) {
  const std::string rows =
      "id;image;question;A;B;answer\r\n1;a.png;Gr\xF6\xDF"
      "e?;5,5 cm;6 cm;A\r\n";
  const QuestionSet set = read_csv(write("own.csv", "sep=;\r\n" + rows));
  ASSERT_EQ(set.questions.size(), 1U);
  EXPECT_EQ(set.questions[0].question.question, "Gr\u00F6\u00DFe?");
  EXPECT_EQ(set.questions[0].question.options.at('A'), "5,5 cm");
  EXPECT_EQ(set.notes.size(), 2U) << "separator and letters";
  // An index without a name, and a comma at the end of each row.
  EXPECT_EQ(read_csv(write("own.csv", ",image,question,A,B,answer\n0,a.png,Q?,x,y,A,\n"))
                .questions.size(),
            1U);
}

}  // namespace
}  // namespace lmc::data
