#include "grounding/grounding_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/check.h"  // InputError

namespace lmc::grounding {
namespace {

constexpr char kClaim[] = "The image shows a mass.";
constexpr char kNoClaim[] = "It follows.";

record::ProbeAnswer probe(const std::string& id, const std::string& condition, int64_t variant,
                          const std::string& gold, const std::string& letter,
                          const std::string& reply = "") {
  record::ProbeAnswer one;
  one.condition = condition;
  one.variant = variant;
  one.answer.image_group = "figure of " + id;
  one.answer.question_id = id;
  one.answer.gold = gold;
  one.answer.letter = letter;
  one.answer.reply = reply;
  return one;
}

const record::GroundingMetric& metric(const record::GroundingResult& result,
                                      const std::string& name) {
  for (const auto& one : result.metrics) {
    if (one.name == name) return one;
  }
  ADD_FAILURE() << name;
  static const record::GroundingMetric none;
  return none;
}

// Five questions:       real   shuffle 0  shuffle 1  grey   claim
//   q0, gold A            A        A          B        A     yes
//   q1, gold B            B        C          C        A     yes
//   q2, gold C            C        C          C        C     no
//   q3, gold D            A        A          D        A     yes
//   q4, gold A            -        -          A        A     no
// Acc_real 3/5. Shuffle 0: q0, q2 right: 2/5. Shuffle 1: q2, q3, q4: 3/5. Grey: q0, q2, q4: 3/5.
std::vector<record::ProbeAnswer> five() {
  struct Row {
    const char* gold;
    const char* real;
    const char* first;
    const char* second;
    const char* grey;
    const char* reply;
  };
  const std::vector<Row> rows = {{"A", "A", "A", "B", "A", kClaim},
                                 {"B", "B", "C", "C", "A", kClaim},
                                 {"C", "C", "C", "C", "C", kNoClaim},
                                 {"D", "A", "A", "D", "A", kClaim},
                                 {"A", "", "", "A", "A", kNoClaim}};
  std::vector<record::ProbeAnswer> probes;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string id = cat("q", i);
    const Row& row = rows[i];
    probes.push_back(probe(id, "real", 0, row.gold, row.real, row.reply));
    probes.push_back(probe(id, "grey", 0, row.gold, row.grey));
    probes.push_back(probe(id, "shuffled", 0, row.gold, row.first));
    probes.push_back(probe(id, "shuffled", 1, row.gold, row.second));
  }
  return probes;
}

TEST(GroundingMetrics, FollowTheirFormulas) {
  const record::GroundingResult result = measure_grounding(five(), "reasoning");
  EXPECT_EQ(result.questions, 5);
  EXPECT_NEAR(result.best_letter_accuracy, 2.0 / 5, 1e-12);
  // (3/5 - 2/5 + 3/5 - 3/5) / 2
  EXPECT_NEAR(*metric(result, "VRS").value, 0.1, 1e-12);
  EXPECT_THAT(metric(result, "VRS").by_variant,
              testing::ElementsAre(testing::DoubleNear(0.2, 1e-12), testing::DoubleNear(0, 1e-12)));
  EXPECT_EQ(metric(result, "VRS").items, 10);
  // Changed: shuffle 0: q1; shuffle 1: q0, q1, q3, q4.
  EXPECT_NEAR(*metric(result, "IS").value, 5.0 / 10, 1e-12);
  // Claims: q0, q1, q3. Claimed and unchanged: shuffle 0: q0, q3; shuffle 1: none.
  EXPECT_NEAR(*metric(result, "visual claims").value, 3.0 / 5, 1e-12);
  EXPECT_NEAR(*metric(result, "HVRR").value, 2.0 / 10, 1e-12);
  EXPECT_NEAR(*metric(result, "HVRR given a claim").value, 2.0 / 6, 1e-12);
  EXPECT_NEAR(*metric(result, "blank retention").value, 1.0, 1e-12);
  for (const auto& one : result.metrics) EXPECT_FALSE(one.formula.empty()) << one.name;
}

// Of the ten pairs one is unread: q4 under shuffle 0. It agrees in IS, and makes no claim.
TEST(GroundingMetrics, UnreadPairsAreCountedAndLeftOut) {
  const record::GroundingResult result = measure_grounding(five(), "reasoning");
  EXPECT_EQ(metric(result, "IS").items, 10);
  EXPECT_THAT(metric(result, "IS").formula, testing::HasSubstr("without a letter agree"));
  EXPECT_EQ(metric(result, "IS, unread pairs left out").items, 9);
  EXPECT_NEAR(*metric(result, "IS, unread pairs left out").value, 5.0 / 9, 1e-12);
  EXPECT_TRUE(metric(result, "IS, unread pairs left out").interval_95);
  EXPECT_NEAR(*metric(result, "HVRR, unread pairs left out").value, 2.0 / 9, 1e-12);
  EXPECT_EQ(metric(result, "HVRR given a claim, unread pairs left out").items, 6);
  ASSERT_EQ(result.conditions[2].condition, "shuffled");
  EXPECT_EQ(result.conditions[2].both_unread, 1);
  EXPECT_EQ(result.conditions[3].both_unread, 0);

  // A model that claims to see and gives no letter at all: it agrees with itself in everything, or
  // there is nothing to tell.
  std::vector<record::ProbeAnswer> silent;
  for (int i = 0; i < 4; ++i) {
    silent.push_back(probe(cat("q", i), "real", 0, "A", "", kClaim));
    silent.push_back(probe(cat("q", i), "shuffled", 0, "A", "", kClaim));
  }
  const record::GroundingResult none = measure_grounding(silent, "reasoning");
  EXPECT_EQ(metric(none, "HVRR").value, 1.0);
  EXPECT_EQ(metric(none, "IS").value, 0.0);
  EXPECT_EQ(metric(none, "IS, unread pairs left out").items, 0);
  EXPECT_FALSE(metric(none, "IS, unread pairs left out").value);
  EXPECT_FALSE(metric(none, "HVRR, unread pairs left out").value);
}

TEST(GroundingMetrics, RowsCountFlips) {
  const record::GroundingResult result = measure_grounding(five(), "answer");
  ASSERT_EQ(result.conditions.size(), 4U);
  const record::ConditionRow& real = result.conditions[0];
  EXPECT_EQ(real.accuracy.correct, 3);
  EXPECT_EQ(real.no_answer, 1);
  EXPECT_EQ(real.flipped.correct, 0);
  const record::ConditionRow& grey = result.conditions[1];
  EXPECT_EQ(grey.flipped.correct, 2);  // q1, q4
  EXPECT_EQ(grey.right_to_wrong, 1);
  EXPECT_EQ(grey.wrong_to_right, 1);
  EXPECT_FALSE(grey.mean_shift);
  for (const auto& one : result.metrics)
    EXPECT_THAT(one.name, testing::Not(testing::HasSubstr("HVRR")));
}

TEST(GroundingMetrics, WhatCouldNotBePutIsLeftOut) {
  auto probes = five();
  probes[3].answer.error = "unreadable";   // q0, shuffle 1
  probes[16].answer.error = "unreadable";  // q4, real
  const record::GroundingResult result = measure_grounding(probes, "answer");
  EXPECT_EQ(result.questions, 4);
  // Shuffle 0: q0..q3: 3/4 - 2/4; shuffle 1: q1, q2, q3: 2 right with the real image, 2 without.
  EXPECT_NEAR(*metric(result, "VRS").value, (1.0 + 0.0) / 7, 1e-12);
  EXPECT_EQ(result.conditions[0].errors, 1);
  EXPECT_EQ(result.conditions[1].accuracy.total, 5);
  EXPECT_EQ(result.conditions[1].flipped.total, 4);
  for (auto& one : probes) one.answer.error = "unreadable";
  EXPECT_THROW(measure_grounding(probes, "answer"), InputError);
}

// q0: A in every rotation; q1: B, B, A: not consistent, but the majority is right; q2: nothing
// read.
TEST(GroundingMetrics, Rotation) {
  std::vector<record::ProbeAnswer> probes;
  const std::vector<std::array<const char*, 4>> rows = {
      {"A", "A", "A", "A"}, {"B", "B", "A", "B"}, {"C", "", "", ""}};
  for (size_t i = 0; i < rows.size(); ++i) {
    probes.push_back(probe(cat("q", i), "real", 0, rows[i][0], rows[i][1]));
    probes.push_back(probe(cat("q", i), "rotation", 1, rows[i][0], rows[i][2]));
    probes.push_back(probe(cat("q", i), "rotation", 2, rows[i][0], rows[i][3]));
  }
  const record::GroundingResult result = measure_grounding(probes, "answer");
  EXPECT_NEAR(*metric(result, "rotation consistency").value, 1.0 / 3, 1e-12);
  EXPECT_NEAR(*metric(result, "majority of rotations").value, 2.0 / 3, 1e-12);
}

TEST(GroundingMetrics, RetentionOfNothingIsNotDefined) {
  const std::vector<record::ProbeAnswer> probes = {probe("q", "real", 0, "A", "B"),
                                                   probe("q", "grey", 0, "A", "A")};
  const record::GroundingResult result = measure_grounding(probes, "answer");
  EXPECT_FALSE(metric(result, "blank retention").value);
  EXPECT_EQ(record::to_json(record::grounding_result_from_json(record::to_json(result), "r")),
            record::to_json(result));
}

TEST(GroundingMetrics, ProbabilitiesAreOfTheSameLetters) {
  std::vector<record::ProbeAnswer> probes = five();
  probes[0].answer.letter_log_probability = {{'A', -1}, {'B', -2}};
  EXPECT_THROW(measure_grounding(probes, "reasoning"), InputError) << "the others have none";
  for (record::ProbeAnswer& one : probes)
    one.answer.letter_log_probability = {{'A', -1}, {'B', -2}};
  EXPECT_NO_THROW(measure_grounding(probes, "reasoning"));
  probes[1].answer.letter_log_probability = {{'A', -1}, {'C', -2}};
  EXPECT_THROW(measure_grounding(probes, "reasoning"), InputError);
}

TEST(GroundingMetrics, TotalVariationByHand) {
  const std::map<char, double> first = {{'A', std::log(0.5)}, {'B', std::log(0.5)}};
  // Options hold 0.4 of the whole vocabulary: 3/4 and 1/4 of these.
  const std::map<char, double> second = {{'A', std::log(0.3)}, {'B', std::log(0.1)}};
  EXPECT_NEAR(total_variation(first, second), 0.25, 1e-12);
  EXPECT_NEAR(total_variation(first, first), 0, 1e-12);
  EXPECT_NEAR(total_variation({{'A', -900}, {'B', -1800}}, {{'A', -1800}, {'B', -900}}), 1, 1e-12);
}

}  // namespace
}  // namespace lmc::grounding
