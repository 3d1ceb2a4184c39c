#include "eval/selective_answering.h"

#include <gtest/gtest.h>

#include "base/json.h"    // read_json
#include "base/random.h"  // Random

namespace lmc::eval {
namespace {

void expect_point(const OperatingPoint& found, const Json& expected, int64_t questions) {
  EXPECT_EQ(found.threshold, expected[0].get<double>());
  EXPECT_EQ(found.answered, expected[1].get<int64_t>());
  EXPECT_EQ(found.wrong, expected[2].get<int64_t>());
  EXPECT_DOUBLE_EQ(found.coverage, static_cast<double>(found.answered) / questions);
  EXPECT_DOUBLE_EQ(found.risk, static_cast<double>(found.wrong) / found.answered);
}

// Areas are means of 503 quotients: 503 * 2^-53. A bound is a quantile of the beta distribution of
// up to 500 answers, good to 1e-12.
TEST(SelectiveAnswering, IsWhatItsDefinitionSays) {
  const Json golden = read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/confidence.json");
  for (const Json& sample : golden["metrics"]) {
    for (const Json& one : sample["selective"]) {
      std::vector<GradedAnswer> answers(one["held_back"].get<size_t>());
      for (size_t i = 0; i < sample["right"].size(); ++i) {
        answers.push_back({sample["confidence"][i].get<double>(), sample["right"][i].get<bool>()});
      }
      const auto questions = static_cast<int64_t>(answers.size());
      const auto curve = risk_coverage(answers);
      ASSERT_TRUE(curve);
      EXPECT_EQ(curve->questions, questions);
      EXPECT_EQ(curve->without_confidence, one["held_back"].get<int64_t>());
      ASSERT_EQ(curve->points.size(), one["curve"].size());
      for (size_t i = 0; i < curve->points.size(); ++i) {
        expect_point(curve->points[i], one["curve"][i], questions);
      }
      EXPECT_NEAR(curve->area, one["area"].get<double>(), 1e-13);
      EXPECT_NEAR(curve->excess_area, one["excess_area"].get<double>(), 1e-13);
      for (const Json& at : one["targets"]) {
        const auto observed = widest_at_observed_risk(*curve, at["target"]);
        ASSERT_EQ(observed.has_value(), !at["observed"].is_null());
        if (observed) {
          expect_point(*observed, at["observed"], questions);
        }
        const auto promised = widest_at_promised_risk(*curve, at["target"], 0.95);
        ASSERT_EQ(promised.has_value(), !at["promised"].is_null());
        if (promised) {
          expect_point(promised->point, at["promised"]["point"], questions);
          EXPECT_NEAR(promised->risk_bound, at["promised"]["bound"].get<double>(), 1e-12);
        }
      }
    }
  }
}

TEST(SelectiveAnswering, OfNothingAndWithoutConfidence) {
  EXPECT_FALSE(risk_coverage({}));
  const std::vector<GradedAnswer> silent{{std::nullopt, false}, {std::nullopt, true}};
  const auto curve = risk_coverage(silent);
  EXPECT_TRUE(curve->points.empty());
  EXPECT_DOUBLE_EQ(curve->area, 0.5);
  EXPECT_FALSE(widest_at_observed_risk(*curve, 1));
  EXPECT_FALSE(widest_at_promised_risk(*curve, 0.99));
}

// Right with just its confidence, which is uniform from 0.5 to 1: above a threshold t the risk is
// (1 - t) / 2, so 0.8 is the lowest that keeps a risk of 0.1. Among 400 samples the promise may
// fail in 20, give or take 4 * sqrt(400 * 0.05 * 0.95) = 17; choosing by the observed risk fails in
// about half of them.
TEST(SelectiveAnswering, ThePromiseHolds) {
  Random random(7);
  int broken = 0;
  int observed_broken = 0;
  int made = 0;
  for (int sample = 0; sample < 400; ++sample) {
    std::vector<GradedAnswer> answers(2000);
    for (GradedAnswer& answer : answers) {
      answer.confidence = random.uniform(0.5, 1);
      answer.right = random.chance(*answer.confidence);
    }
    const auto curve = risk_coverage(answers);
    const auto observed = widest_at_observed_risk(*curve, 0.1);
    observed_broken += observed && observed->threshold < 0.8;
    const auto promised = widest_at_promised_risk(*curve, 0.1);
    made += promised.has_value();
    broken += promised && promised->point.threshold < 0.8;
  }
  EXPECT_LE(broken, 20 + 17);
  EXPECT_GT(made, 200);  // and is not empty
  EXPECT_GT(observed_broken, 150);
}

}  // namespace
}  // namespace lmc::eval
