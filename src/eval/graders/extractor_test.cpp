#include "eval/graders/extractor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/check.h"                // InputError
#include "base/json.h"                 // read_json
#include "base/sha256.h"               // sha256_hex
#include "eval/graders/python_text.h"  // lower_case
#include "eval/graders/sequence_ratio.h"
#include "text/unicode.h"  // decode_utf8, append_utf8

namespace lmc::eval {
namespace {

using Options = std::map<char, std::string>;

const Json& golden() {
  static const Json kGolden =
      read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/extractors.json");
  return kGolden;
}

const Options kChest{
    {'A', "Pneumonia"}, {'B', "Pulmonary embolism"}, {'C', "Lung cancer"}, {'D', "Normal"}};

Verdict graded(std::string_view name, std::string_view reply, std::string_view gold = "B",
               const std::map<char, double>& log_probability = {}) {
  return find_extractor(name).grade({reply, kChest, gold, log_probability});
}

std::string told(const Verdict& verdict) {
  return cat(verdict.letter ? std::string(1, *verdict.letter) : "-",
             verdict.correct ? " right " : " wrong ", basis_name(verdict.basis));
}

// The same sums and one division: equal to the last bit.
TEST(SequenceRatio, IsThatOfDifflib) {
  for (const Json& one : golden()["ratios"]) {
    const std::u32string a = text::decode_utf8(one["a"].get<std::string>());
    const std::u32string b = text::decode_utf8(one["b"].get<std::string>());
    EXPECT_EQ(sequence_ratio(a, b), one["ratio"].get<double>()) << one;
  }
}

TEST(PythonText, LowerCaseOfEveryCharacter) {
  std::u32string all;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c < 0xD800 || c >= 0xE000) all += c;
  }
  EXPECT_EQ(sha256_hex(text::encode_utf8(lower_case(all))),
            golden()["lower_case_sha256"].get<std::string>());
}

TEST(Extractors, GradeAsThePublishedRulesDo) {
  const std::map<char, double> none;
  const auto& columns = golden()["columns"];
  for (const Json& row : golden()["graded"]) {
    Options options;
    for (const auto& [letter, text] : golden()["options"][row[1].get<std::string>()].items()) {
      options[letter[0]] = text;
    }
    const std::string reply = row[0];
    const std::string gold = row[2];
    for (size_t i = 3; i < columns.size(); ++i) {
      const Extractor& extractor = find_extractor(columns[i].get<std::string>());
      EXPECT_EQ(told(extractor.grade({reply, options, gold, none})), row[i].get<std::string>())
          << extractor.name << ": " << row[0] << " to " << row[1] << ", gold " << gold;
    }
  }
}

// What each is known for.
TEST(Extractors, KeepTheirFaults) {
  EXPECT_EQ(told(graded("medevalkit", "", "A")), "A right default");
  EXPECT_EQ(told(graded("ours", "", "A")), "- wrong nothing");
  EXPECT_EQ(told(graded("medvint", "", "'")), "- right nothing");
  EXPECT_EQ(told(graded("medvint-te", "It may be C. No, it is B.")), "B right fuzzy");
  EXPECT_EQ(told(graded("medvlthinker", "The answer is B.")), "- wrong nothing");
  EXPECT_EQ(told(graded("medvlthinker-regrade", "The answer is B")), "B right read");
  EXPECT_EQ(told(graded("medvlthinker-regrade", "The answer is B.")), "- wrong nothing");
  EXPECT_EQ(told(graded("medvlthinker", "<answer>A</answer> no, <answer>B</answer>")),
            "A wrong read");
  EXPECT_EQ(told(graded("ours", "<answer>A</answer> no, <answer>B</answer>")), "B right read");
}

TEST(Extractors, TheLikeliestLetter) {
  const double nowhere = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(told(graded("likelihood", "C", "B", {{'A', -2}, {'B', -1}, {'C', -3}})),
            "B right likelihood");
  EXPECT_EQ(told(graded("likelihood", "", "B", {{'A', -1}, {'B', -1}})), "A wrong likelihood");
  EXPECT_EQ(told(graded("likelihood", "B", "B", {})), "- wrong nothing");
  EXPECT_EQ(told(graded("likelihood", "", "B", {{'A', nowhere}, {'E', -1}})), "- wrong nothing");
}

TEST(Extractors, AreFoundByName) {
  EXPECT_EQ(extractors().front().name, "ours");
  for (const Extractor& one : extractors()) EXPECT_EQ(&find_extractor(one.name), &one);
  try {
    find_extractor("medvlthinkr");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("did you mean medvlthinker?"));
  }
}

// Any bytes, with options that are empty or missing.
TEST(Extractors, TakeAnyPieceOfAReply) {
  const std::string reply =
      "<think>A\xFF</think>**Answer:** \\boxed{\\text{B}} <answer>C\xE2\x80</answer>";
  for (const Options& options : {Options{}, Options{{'A', ""}, {'B', "\xFF"}}, kChest}) {
    for (size_t begin = 0; begin < reply.size(); ++begin) {
      for (const Extractor& one : extractors()) {
        for (const size_t length : {size_t{0}, size_t{1}, size_t{9}, reply.size()}) {
          const Verdict verdict =
              one.grade({std::string_view(reply).substr(begin, length), options, "B", {}});
          EXPECT_TRUE(!verdict.letter || options.contains(*verdict.letter));
        }
      }
    }
  }
}

}  // namespace
}  // namespace lmc::eval
