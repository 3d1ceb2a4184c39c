#include "serve/case_answer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lmc::serve {
namespace {

const std::map<char, double> kLogProbability = {
    {'A', std::log(0.1)}, {'B', std::log(0.3)}, {'C', std::log(0.1)}};  // 0.2, 0.6, 0.2 of 0.5

TEST(CaseAnswer, SharesOfTheOptionsAlone) {
  const WeighedOptions plain = weighed(kLogProbability, {});
  EXPECT_EQ(plain.likeliest, 'B');
  EXPECT_NEAR(plain.probability.at('A'), 0.2, 1e-12);
  EXPECT_NEAR(plain.probability.at('B'), 0.6, 1e-12);
  EXPECT_EQ(weighed({{'A', -1.0}, {'B', -1.0}}, {}).likeliest, 'A');
}

TEST(CaseAnswer, ATemperatureMovesThemAll) {
  record::Calibration calibration;
  calibration.temperature = 2;
  // Square roots: 1, sqrt(3), 1.
  const WeighedOptions calm = weighed(kLogProbability, calibration);
  EXPECT_NEAR(calm.probability.at('A'), 1 / (2 + std::sqrt(3)), 1e-12);
  EXPECT_NEAR(calm.probability.at('B'), std::sqrt(3) / (2 + std::sqrt(3)), 1e-12);
}

TEST(CaseAnswer, PlattMovesTheLikeliestAndLeavesTheRestToTheOthers) {
  record::Calibration calibration;
  calibration.method = record::CalibrationMethod::kPlatt;
  calibration.slope = 1;
  calibration.intercept = std::log(0.5);  // halves the odds: 1.5 becomes 0.75
  const WeighedOptions shared =
      weighed({{'A', std::log(0.1)}, {'B', std::log(0.6)}, {'C', std::log(0.3)}}, calibration);
  EXPECT_EQ(shared.likeliest, 'B');
  EXPECT_NEAR(shared.probability.at('B'), 3 / 7.0, 1e-12);
  EXPECT_NEAR(shared.probability.at('A'), 1 / 7.0, 1e-12);
  EXPECT_NEAR(shared.probability.at('C'), 3 / 7.0, 1e-12);
}

// Sets come from the model's own probabilities, whatever the calibration.
TEST(CaseAnswer, SetsHoldWhatReachesTheThreshold) {
  record::Calibration calibration;
  calibration.temperature = 100;
  const auto set_of = [&](double threshold) {
    return weighed({{'A', std::log(0.3)}, {'B', std::log(0.6)}, {'C', std::log(0.1)}}, calibration,
                   record::PredictionSetRule{0.9, threshold, 100})
        .set;
  };
  EXPECT_EQ(set_of(0.7), (std::vector<char>{'B'}));
  EXPECT_EQ(set_of(0.2), (std::vector<char>{'B', 'A'}));
  EXPECT_EQ(set_of(0), (std::vector<char>{'B', 'A', 'C'}));
}

TEST(CaseAnswer, JsonOfAnAnswer) {
  CaseAnswer answer;
  answer.options = {{'A', "left"}, {'B', "right"}};
  answer.with_image = weighed({{'A', std::log(0.1)}, {'B', std::log(0.4)}}, {});
  answer.without_image = weighed({{'A', std::log(0.3)}, {'B', std::log(0.1)}}, {});
  answer.stated = 'A';
  answer.sure_from = 0.9;
  Json json = to_json(answer);
  EXPECT_EQ(json["answer"], "B");
  EXPECT_EQ(json["stated"], "A");
  EXPECT_NEAR(json["confidence"], 0.8, 1e-12);
  EXPECT_EQ(json["sure"], false);
  EXPECT_EQ(json["options"][1]["text"], "right");
  EXPECT_EQ(json["without_image"]["answer"], "A");
  answer.sure_from = 0.5;
  EXPECT_EQ(to_json(answer)["sure"], true);
  answer.sure_from = 0;
  EXPECT_TRUE(to_json(answer)["sure"].is_null());
  // Without options there is nothing to weigh.
  json = to_json({});
  EXPECT_TRUE(json["answer"].is_null());
  EXPECT_TRUE(json["options"].empty());
}

}  // namespace
}  // namespace lmc::serve
