#include "eval/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/json.h"                // read_json
#include "base/random.h"              // Random
#include "eval/confidence_metrics.h"  // confidence_metrics_of

namespace lmc::eval {
namespace {

Json golden() {
  return read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/confidence.json");
}

std::vector<OptionScores> questions_of(const Json& one) {
  std::vector<OptionScores> questions;
  for (size_t i = 0; i < one["gold"].size(); ++i) {
    OptionScores& question = questions.emplace_back();
    for (const Json& score : one["scores"][i]) {
      question.log_probability.push_back(score.is_null() ? -std::numeric_limits<double>::infinity()
                                                         : score.get<double>());
    }
    question.gold = one["gold"][i];
  }
  return questions;
}

// The zero of a slope: roundings of a few 1e-16 a question, over a variance of at least a tenth.
// scikit-learn minimises the loss itself, which does not change within the root of 2^-52 (1.5e-8)
// times the root of loss over curvature (below 10).
TEST(Temperature, IsThatOfScipyAndScikitLearn) {
  const Json goldens = golden();
  for (const Json& one : goldens["temperatures"]) {
    const auto questions = questions_of(one);
    const auto found = fit_temperature(questions);
    ASSERT_TRUE(found);
    const double expected = one["temperature"];
    EXPECT_NEAR(found->temperature, expected, 1e-13 * expected);
    if (!one["sklearn"].is_null()) {
      EXPECT_NEAR(found->temperature, one["sklearn"].get<double>(), 1.5e-7 * expected);
    }
    EXPECT_EQ(found->num_items, static_cast<int64_t>(questions.size()));
    EXPECT_NEAR(found->nll_before, one["figures"][0]["nll"].get<double>(), 1e-13);
    EXPECT_NEAR(found->nll_after, one["figures"][1]["nll"].get<double>(), 1e-13);
    for (const Json& at : one["figures"]) {  // means of 200 values
      EXPECT_NEAR(*negative_log_likelihood(questions, at["temperature"]), at["nll"].get<double>(),
                  1e-13);
      EXPECT_NEAR(*brier_score(questions, at["temperature"]), at["brier"].get<double>(), 1e-13);
    }
  }
}

TEST(Temperature, AtTheEnds) {
  EXPECT_FALSE(fit_temperature({}));
  const std::vector<OptionScores> right{{{-0.1, -3}, 0, 0}, {{-2, -1}, 1, 1}};
  EXPECT_DOUBLE_EQ(fit_temperature(right)->temperature, kLowestTemperature);
  const std::vector<OptionScores> wrong{{{-0.1, -3}, 1, 0}};
  EXPECT_DOUBLE_EQ(fit_temperature(wrong)->temperature, kHighestTemperature);
  // Of options that are all alike no temperature is better.
  const std::vector<OptionScores> alike{{{-1, -1, -1}, 1, 0}, {{-2, -2}, 0, 0}};
  EXPECT_EQ(fit_temperature(alike)->temperature, 1);
}

TEST(Temperature, LeavesOutGoldOptionsThatCannotBe) {
  const double never = -std::numeric_limits<double>::infinity();
  std::vector<OptionScores> questions{{{0, never}, 1, 0}};
  EXPECT_FALSE(fit_temperature(questions));
  questions.push_back({{0, -1, never}, 0, 0});
  questions.push_back({{0, -2}, 1, 0});
  const auto found = fit_temperature(questions);
  EXPECT_EQ(found->num_items, 2);
  EXPECT_EQ(found->num_left_out, 1);
}

std::vector<GradedAnswer> answers_of(const Json& one) {
  std::vector<GradedAnswer> answers;
  for (size_t i = 0; i < one["right"].size(); ++i) {
    answers.push_back({one["confidence"][i].get<double>(), one["right"][i].get<bool>()});
  }
  return answers;
}

void expect_line(const record::Calibration& found, const Json& expected, double error) {
  EXPECT_NEAR(found.slope, expected["slope"].get<double>(), error);
  EXPECT_NEAR(found.intercept, expected["intercept"].get<double>(), error);
}

// Newton's method on both sides: what the roundings of a gradient of n terms leave, over a
// curvature of at least n / 100. scikit-learn's smoothed fit stops at a gradient of 1e-6 in sum,
// over a curvature of at least 0.1.
TEST(Platt, IsThatOfStatsmodelsAndScikitLearn) {
  const Json goldens = golden();
  for (const Json& one : goldens["platt"]) {
    const auto answers = answers_of(one);
    const auto smoothed = fit_platt(answers);
    ASSERT_TRUE(smoothed);
    EXPECT_TRUE(smoothed->smoothed);
    expect_line(*smoothed, one["smoothed"], 1e-12);
    expect_line(*smoothed, one["sklearn_smoothed"], 1e-5);
    const auto plain = fit_platt(answers, PlattTargets::kLabels);
    ASSERT_EQ(plain.has_value(), !one["labels"].is_null());
    if (!plain) continue;
    expect_line(*plain, one["labels"], 1e-12);
    expect_line(*plain, one["sklearn_labels"], 1e-12);
    EXPECT_LE(plain->nll_after, plain->nll_before);
  }
}

TEST(Platt, WithoutAFit) {
  EXPECT_FALSE(fit_platt({}));
  EXPECT_FALSE(fit_platt(std::vector<GradedAnswer>{{std::nullopt, true}}));
  EXPECT_FALSE(fit_platt(std::vector<GradedAnswer>{{0.7, true}}));
  EXPECT_FALSE(fit_platt(std::vector<GradedAnswer>{{0.7, true}, {0.7, false}}));
  // Both beyond 1 - 1e-6, so that their logits are the same.
  EXPECT_FALSE(fit_platt(std::vector<GradedAnswer>{{1, true}, {0.9999999, false}}));
  const std::vector<GradedAnswer> parted{{0.6, false}, {0.7, true}, {0.7, false}, {0.8, true}};
  EXPECT_FALSE(fit_platt(parted, PlattTargets::kLabels));
  EXPECT_TRUE(fit_platt(parted));
}

// Half a million to one is where the logit is cut, and any smoothed fit stays finite.
TEST(Platt, OfCertainAnswers) {
  const std::vector<GradedAnswer> answers{{1, true}, {0, false}, {1, true}, {std::nullopt, false}};
  const auto found = fit_platt(answers);
  EXPECT_EQ(found->num_items, 3);
  EXPECT_EQ(found->num_left_out, 1);
  // Two points, two numbers to choose: the line meets the targets 3 / 4 and 1 / 3.
  EXPECT_NEAR(platt_confidence(*found, 1), 0.75, 1e-12);
  EXPECT_NEAR(platt_confidence(*found, 0), 1.0 / 3, 1e-12);
}

// Fitted on one half, used on the other: too sure by a temperature of 3 before, not after.
TEST(CalibratedConfidence, HoldsOnOtherQuestions) {
  Random random(11);
  const auto draw = [&] {
    std::vector<OptionScores> questions(4000);
    for (OptionScores& question : questions) {
      for (int k = 0; k < 4; ++k) question.log_probability.push_back(6 * random.normal());
      const auto truth = option_probabilities(question.log_probability, 3);
      double left = random.uniform();
      while (question.gold < 3 && (left -= truth[question.gold]) > 0) ++question.gold;
      const auto& scores = question.log_probability;
      question.given =
          static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
    }
    return questions;
  };
  const auto fitted_on = draw();
  const auto held_out = draw();
  const auto ece = [&](const record::Calibration& calibration) {
    std::vector<GradedAnswer> answers;
    for (const OptionScores& question : held_out) {
      answers.push_back(
          {calibrated_confidence(calibration, question), question.gold == question.given});
    }
    return *confidence_metrics_of(answers).ece;
  };
  std::vector<GradedAnswer> graded;
  for (const OptionScores& question : fitted_on) {
    graded.push_back({option_probabilities(question.log_probability)[question.given],
                      question.gold == question.given});
  }
  const auto temperature = fit_temperature(fitted_on);
  // The error of a fit to 4,000 questions is about 3 / sqrt(4,000) at a curvature of one half.
  EXPECT_NEAR(temperature->temperature, 3, 0.25);
  EXPECT_GT(ece(record::Calibration{}), 0.1);
  // By chance alone a bin of 270 answers is off by 0.5 / sqrt(270), 0.03, or less.
  EXPECT_LT(ece(*temperature), 0.03);
  EXPECT_LT(ece(*fit_platt(graded)), 0.03);
}

}  // namespace
}  // namespace lmc::eval
