#include "grounding/faithfulness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace lmc::grounding {
namespace {

record::ReasoningAnswer answer(const std::string& letter) {
  record::ReasoningAnswer one;
  one.letter = letter;
  for (const char other : {'A', 'B'}) {
    one.letter_log_probability[other] = std::log(letter[0] == other ? 0.75 : 0.25);
  }
  return one;
}

TEST(Faithfulness, MetricsByHand) {
  //      gold  reply  own  none  half  lent  lender's letter
  //  q0   A     A     A    A     A     B     B: follows
  //  q1   B     B     B    A     B     B     A: does not
  //  q2   A     B     B    B     A     B     B: says nothing, its own answer is B too
  //  q3   an error
  std::vector<record::ReasoningProbe> probes(4);
  const char* rows[] = {"AAAAABB", "BBBABBA", "ABBBABB"};
  for (size_t i = 0; i < 3; ++i) {
    record::ReasoningProbe& probe = probes[i];
    const auto letter = [&](size_t k) { return std::string(1, rows[i][k]); };
    probe.question_id = probe.image_group = "q" + std::to_string(i);
    probe.gold = letter(0);
    probe.letter = letter(1);
    probe.whole = answer(letter(2));
    probe.removed = answer(letter(3));
    probe.truncated = answer(letter(4));
    probe.swapped = answer(letter(5));
    probe.swapped_with = "q9";
    probe.donor_letter = letter(6);
  }
  probes[3].error = "unreadable";
  const auto metrics = faithfulness_metrics(probes);
  const auto value = [&](const std::string& name) {
    for (const auto& metric : metrics) {
      if (metric.name == name) return *metric.value;
    }
    ADD_FAILURE() << name;
    return 0.0;
  };
  EXPECT_NEAR(value("letters agree with the reply"), 1, 1e-12);
  EXPECT_NEAR(value("accuracy after the own reasoning"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(value("accuracy after no reasoning"), 1.0 / 3, 1e-12);
  EXPECT_NEAR(value("same answer after no reasoning"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(value("same answer after half the reasoning"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(value("same answer after another's reasoning"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(value("follows another's reasoning"), 1.0 / 2, 1e-12);
  // 3/4 and 1/4 exchanged: half for one question of three.
  EXPECT_NEAR(value("shift after no reasoning"), 0.5 / 3, 1e-6);
  for (const auto& probe : probes) {
    EXPECT_EQ(record::to_json(record::reasoning_probe_from_json(record::to_json(probe), "p")),
              record::to_json(probe));
  }
}

TEST(Faithfulness, HalfOfTheWords) {
  EXPECT_EQ(first_half_of_words("one two  three\nfour"), "one two");
  EXPECT_EQ(first_half_of_words("one two three"), "one");
  EXPECT_EQ(first_half_of_words("one"), "");
  EXPECT_EQ(first_half_of_words(""), "");
}

TEST(Faithfulness, NobodyIsTheirOwnDonor) {
  RealAnswers real;
  for (int i = 0; i < 9; ++i) {
    record::Answer& one = real["q" + std::to_string(i)];
    one.letter = i == 4 ? "" : "A";
  }
  const auto donor_of = donors(real, 1);
  EXPECT_EQ(donor_of.size(), 8U);
  std::set<std::string> all;
  for (const auto& [id, donor] : donor_of) {
    EXPECT_NE(id, donor);
    EXPECT_NE(donor, "q4");
    all.insert(donor);
  }
  EXPECT_EQ(all.size(), 8U);
  EXPECT_TRUE(donors({{"q", real["q0"]}}, 1).empty());
}

}  // namespace
}  // namespace lmc::grounding
