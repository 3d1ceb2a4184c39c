#include "eval/confidence_metrics.h"

#include <gtest/gtest.h>

#include "base/json.h"  // read_json

namespace lmc::eval {
namespace {

Json golden() {
  return read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/confidence.json");
}

std::vector<GradedAnswer> answers_of(const Json& one) {
  std::vector<GradedAnswer> answers;
  for (size_t i = 0; i < one["right"].size(); ++i) {
    answers.push_back({one["confidence"][i].get<double>(), one["right"][i].get<bool>()});
  }
  return answers;
}

// Sums of up to 500 values below 1, in another order: 500 * 2^-53, relative to the sum.
constexpr double kError = 1e-13;

void expect_table(const std::vector<record::ConfidenceBin>& found, const Json& expected) {
  ASSERT_EQ(found.size(), expected["counts"].size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].answers, expected["counts"][i].get<int64_t>());
    EXPECT_NEAR(found[i].accuracy, expected["accuracy"][i].get<double>(), kError);
    EXPECT_NEAR(found[i].mean_confidence, expected["mean"][i].get<double>(), kError);
    EXPECT_NEAR(found[i].interval_95[0], expected["interval"][i][0].get<double>(), kError);
    EXPECT_NEAR(found[i].interval_95[1], expected["interval"][i][1].get<double>(), kError);
    EXPECT_LE(found[i].low, found[i].high);
  }
  EXPECT_NEAR(*expected_calibration_error(found), expected["ece"].get<double>(), kError);
  EXPECT_NEAR(*maximum_calibration_error(found), expected["mce"].get<double>(), kError);
}

TEST(ConfidenceMetrics, AreThoseOfScikitLearn) {
  const Json goldens = golden();
  for (const Json& one : goldens["metrics"]) {
    const auto answers = answers_of(one);
    const std::array<int, 2> bins{15, 5};
    for (size_t i = 0; i < 2; ++i) {
      expect_table(reliability_table(answers, Bins::kEqualWidth, bins[i]), one["width"][i]);
      expect_table(reliability_table(answers, Bins::kEqualMass, bins[i]), one["mass"][i]);
    }
    EXPECT_NEAR(*brier_score(answers), one["brier"].get<double>(), kError);
    EXPECT_NEAR(*negative_log_likelihood(answers), one["nll"].get<double>(), 40 * kError);
    ASSERT_EQ(auroc(answers).has_value(), !one["auroc"].is_null());
    if (auroc(answers)) {
      EXPECT_NEAR(*auroc(answers), one["auroc"].get<double>(), kError);
    }
  }
}

TEST(ConfidenceMetrics, OneCallGivesTheSameMetrics) {
  const Json goldens = golden();
  auto answers = answers_of(goldens["metrics"][4]);
  answers.push_back({std::nullopt, false});
  answers.push_back({std::nullopt, true});
  const ConfidenceMetrics found = confidence_metrics_of(answers);
  EXPECT_EQ(found.answers, 500);
  EXPECT_EQ(found.without_confidence, 2);
  EXPECT_EQ(found.ece, expected_calibration_error(found.table));
  EXPECT_EQ(found.mce, maximum_calibration_error(found.table));
  EXPECT_NEAR(*found.adaptive_ece, goldens["metrics"][4]["mass"][0]["ece"].get<double>(), kError);
  EXPECT_EQ(found.brier, brier_score(answers));
  EXPECT_EQ(found.nll, negative_log_likelihood(answers));
  EXPECT_EQ(found.auroc, auroc(answers));
  double right = 0;
  double confidence = 0;
  for (const record::ConfidenceBin& bin : found.table) {
    right += bin.accuracy * static_cast<double>(bin.answers);
    confidence += bin.mean_confidence * static_cast<double>(bin.answers);
  }
  EXPECT_NEAR(*found.accuracy, right / 500, kError);
  EXPECT_NEAR(*found.mean_confidence, confidence / 500, kError);
}

TEST(ConfidenceMetrics, OfNothing) {
  for (const auto& answers :
       {std::vector<GradedAnswer>{}, std::vector<GradedAnswer>{{std::nullopt, true}}}) {
    const ConfidenceMetrics found = confidence_metrics_of(answers);
    EXPECT_EQ(found.answers, 0);
    EXPECT_EQ(found.without_confidence, static_cast<int64_t>(answers.size()));
    EXPECT_FALSE(found.accuracy || found.mean_confidence || found.ece || found.adaptive_ece ||
                 found.mce || found.brier || found.nll || found.auroc);
    EXPECT_TRUE(found.table.empty());
  }
  EXPECT_FALSE(brier_score(std::vector<OptionScores>{}));
  EXPECT_FALSE(negative_log_likelihood(std::vector<OptionScores>{}));
}

// A certain error costs -log(2^-52), and no metric becomes infinite.
TEST(ConfidenceMetrics, OfCertainErrors) {
  const std::vector<GradedAnswer> answers{{1, false}, {0, true}};
  EXPECT_NEAR(*negative_log_likelihood(answers), 52 * std::log(2), 1e-14 * 36);
  EXPECT_EQ(*brier_score(answers), 1);
  EXPECT_EQ(*auroc(answers), 0);
  EXPECT_EQ(*expected_calibration_error(reliability_table(answers, Bins::kEqualMass)), 1);
}

}  // namespace
}  // namespace lmc::eval
