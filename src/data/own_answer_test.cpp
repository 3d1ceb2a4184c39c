#include "data/own_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/source_row.h"  // kBadGold

namespace lmc::data {
namespace {

using testing::ElementsAre;
using testing::Pair;

const Options kOrgans = {{'A', "Liver"}, {'B', "Spleen"}, {'C', "Left kidney"}, {'D', "Heart"}};

TEST(OwnAnswer, WaysToWriteOne) {
  for (const char* text :
       {"B",         "b",         " B ",        "B.",          "B)",          "b)",
        "(B)",       "(b)",       "[B]",        "（B）",       "B:",          "B、",
        "Option B",  "option_b",  "choice B",   "Answer: B",   "answer: (b)", "B: Spleen",
        "B. Spleen", "B) spleen", "(B) Spleen", "[b]: SPLEEN", "B：Spleen",   "Spleen",
        "spleen",    " SPLEEN "}) {
    const OwnAnswer answer = read_own_answer(text, kOrgans);
    EXPECT_EQ(answer.letter, 'B') << text;
    EXPECT_EQ(answer.problem, nullptr) << text;
  }
  EXPECT_EQ(read_own_answer("left kidney", kOrgans).letter, 'C');
}

TEST(OwnAnswer, WhatIsNoneSaysWhy) {
  const std::pair<const char*, const char*> cases[] = {
      {"", kBadGold},           {"E", kBadGold},
      {"e.", kBadGold},         {"B Spleen", kBadGold},
      {"kidney", kBadGold},     {"(B", kBadGold},
      {"Blood", kBadGold},      {"\"", kBadGold},
      {"B,C", kSeveralAnswers}, {"b and c", kSeveralAnswers},
      {"A/D", kSeveralAnswers}, {"BC", kSeveralAnswers},
      {"B: Liver", kOtherText}, {"(C) kidney", kOtherText}};
  for (const auto& [text, problem] : cases) {
    const OwnAnswer answer = read_own_answer(text, kOrgans);
    EXPECT_EQ(answer.letter, 0) << text;
    EXPECT_STREQ(answer.problem, problem) << text;
  }
}

TEST(OwnAnswer, ATextThatIsALetterMustAgreeWithIt) {
  const Options letters = {{'A', "B"}, {'B', "A"}, {'C', "C"}};
  EXPECT_EQ(read_own_answer("B", letters).letter, 'B') << "a plain capital letter is the letter";
  EXPECT_STREQ(read_own_answer("b", letters).problem, kTwoReadings);
  EXPECT_EQ(read_own_answer("c", letters).letter, 'C');
  const Options twins = {{'A', "Liver"}, {'B', "liver"}, {'C', "LIVER"}};
  EXPECT_EQ(read_own_answer("liver", twins).letter, 'B') << "case tells them apart";
  EXPECT_STREQ(read_own_answer("lIVER", twins).problem, kTwoReadings);
  const Options species = {{'A', "E. coli"}, {'B', "C. albicans"}, {'C', "S. aureus"}};
  EXPECT_EQ(read_own_answer("C. albicans", species).letter, 'B');
  EXPECT_TRUE(has_twin(twins, 'A'));
  EXPECT_FALSE(has_twin(species, 'A'));
}

TEST(OwnAnswer, OptionsLoseTheirOwnLetters) {
  for (const auto& [first, second] :
       std::initializer_list<std::pair<const char*, const char*>>{{"A: Liver", "B: Spleen"},
                                                                  {"A. Liver", "B. Spleen"},
                                                                  {"(A) Liver", "(B) Spleen"},
                                                                  {"a) Liver", "b) Spleen"},
                                                                  {"[A] Liver", "[B] Spleen"},
                                                                  {"a. Liver", "b. Spleen"},
                                                                  {"A、Liver", "B、Spleen"},
                                                                  {"(A): Liver", "(B): Spleen"},
                                                                  {"A:Liver", "B) Spleen"}}) {
    Options options = {{'A', first}, {'B', second}};
    EXPECT_TRUE(strip_own_letters(options)) << first;
    EXPECT_THAT(options, ElementsAre(Pair('A', "Liver"), Pair('B', "Spleen"))) << first;
  }
}

TEST(OwnAnswer, OptionsKeepWhatOnlyLooksLikeALetter) {
  for (const auto& [first, second] : std::initializer_list<std::pair<const char*, const char*>>{
           {"A: Liver", "Spleen"},           // one has none
           {"B: Liver", "A: Spleen"},        // each other's
           {"A. baumannii", "B. fragilis"},  // species
           {"B. cereus", "A. flavus"},
           {"A lung", "B lung"},  // no mark behind the letter
           {"A:", "B:"},          // nothing behind it
           {"T: thymus", "A: adrenal gland"}}) {
    Options options = {{'A', first}, {'B', second}};
    EXPECT_FALSE(strip_own_letters(options)) << first;
    EXPECT_THAT(options, ElementsAre(Pair('A', first), Pair('B', second)));
  }
  Options number = {{'A', "A) .5 mm"}, {'B', "B) 1.5 mm"}};
  EXPECT_TRUE(strip_own_letters(number));
  EXPECT_EQ(number.at('A'), ".5 mm");
}

TEST(OwnAnswer, LettersOfOtherPlacesAreSeen) {
  const auto other = [](const Options& options) { return other_letter(options); };
  EXPECT_EQ(other({{'A', "B) Femur"}, {'B', "A) Tibia"}}), 'A');
  EXPECT_EQ(other({{'A', "Femur"}, {'B', "(B) Tibia"}}), 'B');
  EXPECT_EQ(other({{'A', "B. femur"}, {'B', "A. skull"}}), 'A') << "not all are Latin";
  EXPECT_EQ(other({{'A', "E. coli"}, {'B', "A. flavus"}, {'C', "S. aureus"}}), '\0');
  EXPECT_EQ(other({{'A', "Femur"}, {'B', "C. difficilis colitis"}, {'C', "Ileus"}}), '\0');
  EXPECT_EQ(other({{'A', "B"}, {'B', "T: thymus"}}), '\0') << "no letter of an option";
  EXPECT_EQ(other(kOrgans), '\0');
  Options lower_case = {{'A', "A. skull"}, {'B', "B. spleen"}};
  EXPECT_TRUE(strip_own_letters(lower_case)) << "no species";
  EXPECT_EQ(lower_case.at('B'), "spleen");
}

TEST(OwnAnswer, WholeNumbersMayHaveAPointZero) {
  const Options numbers = {{'A', "3"}, {'B', "5.0"}, {'C', "-7.0"}, {'D', "1.05"}};
  EXPECT_EQ(read_own_answer("3.0", numbers).letter, 'A');
  EXPECT_EQ(read_own_answer("5", numbers).letter, 'B');
  EXPECT_EQ(read_own_answer("-7", numbers).letter, 'C');
  EXPECT_EQ(read_own_answer("1.050", numbers).letter, 0);
  EXPECT_TRUE(has_twin({{'A', "3"}, {'B', "3.0"}}, 'A'));
  EXPECT_FALSE(has_twin({{'A', "v3"}, {'B', "v3.0"}}, 'A'));
}

TEST(OwnAnswer, Numbers) {
  EXPECT_EQ(answer_number("2"), 2);
  EXPECT_EQ(answer_number(" 3.0 "), 3);
  for (const char* text : {"", "B", "2.5", "-1", "1000", "0x1", "2,3"}) {
    EXPECT_EQ(answer_number(text), std::nullopt) << text;
  }
}

// The rows of a file, read one after the other.
std::string read_all(const std::vector<OwnGold>& rows, const Options& options) {
  OwnAnswers answers([&](OwnAnswers& seen) {
    for (const OwnGold& row : rows) seen.add(row, options);
  });
  std::string found;
  for (const OwnGold& row : rows) {
    const char letter = answers.read(row, options).letter;
    found += letter == 0 ? '-' : letter;
  }
  return found;
}

TEST(OwnAnswer, ALetterThatIsAnotherOptionsText) {
  const Options groups = {{'A', "0"}, {'B', "A"}, {'C', "B"}, {'D', "AB"}};
  EXPECT_EQ(read_all({{"B", ""}, {"D", ""}, {"a)", ""}}, groups), "BDA") << "all are letters";
  EXPECT_EQ(read_all({{"B", ""}, {"D", ""}, {"AB", ""}}, groups), "-DD") << "texts are written";
  EXPECT_EQ(read_all({{"B", "2"}, {"AB", "3"}}, groups), "CD") << "the index tells";
}

TEST(OwnAnswer, WhatNumbersCountFromIsToldByTheFile) {
  EXPECT_EQ(read_all({{"0", ""}, {"1", ""}, {"3", ""}}, kOrgans), "ABD");
  EXPECT_EQ(read_all({{"4", ""}, {"1", ""}, {"3", ""}}, kOrgans), "DAC");
  EXPECT_EQ(read_all({{"1", ""}, {"2", ""}, {"B", ""}}, kOrgans), "--B") << "either may be";
  EXPECT_EQ(read_all({{"0", ""}, {"4", ""}}, kOrgans), "--") << "they contradict each other";
  EXPECT_EQ(read_all({{"", "1"}, {"", "2"}}, kOrgans), "BC") << "an index counts from 0";
  EXPECT_EQ(read_all({{"", "1"}, {"", "4"}}, kOrgans), "AD") << "but not this one";
  EXPECT_EQ(read_all({{"", "C"}, {"", "c"}}, kOrgans), "CC");
  EXPECT_EQ(read_all({{"Spleen", "B"}, {"Heart", "B"}, {"Heart", "3"}}, kOrgans), "B-D")
      << "text and index agree, or nothing is read";
  const Options numbers = {{'A', "1"}, {'B', "2"}, {'C', "3"}};
  EXPECT_EQ(read_all({{"2", ""}, {"3", ""}}, numbers), "BC") << "texts";
  EXPECT_EQ(read_all({{"2", ""}, {"0", ""}}, numbers), "-A") << "text or number";
  EXPECT_EQ(read_all({{"Heart", ""}, {"4", ""}, {"0", ""}}, kOrgans), "D--")
      << "where others are words, a number is a count";
  EXPECT_EQ(read_all({{"Lung", "1"}, {"spleen", "1"}, {"1", "1"}, {"", "1"}}, kOrgans), "-BBB")
      << "a text that is no option, beside an index";
  const Options gap = {{'A', "x"}, {'C', "y"}};
  EXPECT_EQ(read_all({{"", "1"}}, gap), "-");
}

}  // namespace
}  // namespace lmc::data
