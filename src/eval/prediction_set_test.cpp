#include "eval/prediction_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"  // Random

namespace lmc::eval {
namespace {

using testing::ElementsAre;

// A question of two options whose gold one has this probability.
OptionScores with_gold(double probability) {
  return {{std::log(probability), std::log(1 - probability)}, 0, 0};
}

// (n + 1) (1 - coverage) of nine questions is 2, 1 and a half.
TEST(PredictionSets, TheThresholdIsARankOfTheGoldOptions) {
  std::vector<OptionScores> questions;
  for (int i = 9; i > 0; --i) questions.push_back(with_gold(i / 10.0));
  EXPECT_NEAR(fit_prediction_sets(questions, 0.8).threshold, 0.2, 1e-15);
  EXPECT_NEAR(fit_prediction_sets(questions, 0.9).threshold, 0.1, 1e-15);
  EXPECT_EQ(fit_prediction_sets(questions, 0.95).threshold, 0);
  EXPECT_EQ(fit_prediction_sets(questions, 0.95).num_items, 9);
  EXPECT_EQ(fit_prediction_sets({}, 0.8).threshold, 0);
}

TEST(PredictionSets, HoldWhatReachesTheThresholdAndAlwaysTheLikeliest) {
  const std::vector<double> scores{std::log(0.2), std::log(0.5), std::log(0.3)};
  EXPECT_THAT(prediction_set({0.9, 0.25, 1}, scores), ElementsAre(1, 2));
  EXPECT_THAT(prediction_set({0.9, 0.9, 1}, scores), ElementsAre(1));
  EXPECT_THAT(prediction_set({0.9, 0, 1}, scores), ElementsAre(1, 2, 0));
  // Alike options stand in their own order.
  EXPECT_THAT(prediction_set({0.9, 0.3, 1}, std::vector<double>{-1, -1, -1}), ElementsAre(0, 1, 2));
}

TEST(PredictionSets, AreMeasured) {
  const std::vector<OptionScores> questions{with_gold(0.95), with_gold(0.6), with_gold(0.05)};
  const record::PredictionSetRow row = measure_prediction_sets({0.9, 0.3, 50}, questions);
  EXPECT_EQ(row.covered.correct, 2);  // {gold}, {gold, other}, {other}
  EXPECT_EQ(row.covered.total, 3);
  EXPECT_DOUBLE_EQ(row.mean_size, 4.0 / 3);
  EXPECT_THAT(row.by_size, ElementsAre(2, 1));
  EXPECT_EQ(measure_prediction_sets({0.9, 0.3, 50}, {}).covered.total, 0);
}

// Of a model that knows something, and is far too sure of it. Four options, so that the likeliest
// is out of the set at no threshold that occurs.
std::vector<OptionScores> drawn(size_t count, double knowledge, Random& random) {
  std::vector<OptionScores> questions(count);
  for (OptionScores& question : questions) {
    for (int option = 0; option < 4; ++option) {
      question.log_probability.push_back(3 * random.normal());
    }
    question.gold = static_cast<size_t>(random.integer(0, 3));
    question.log_probability[question.gold] += knowledge;
  }
  return questions;
}

// scipy.stats.beta.ppf([0.025, 0.975], n + 1 - k, k), k of 1001 * 0.1, 1001 * 0.2, 41 * 0.1.
TEST(PredictionSets, RulesVaryAsTheirSampleDoes) {
  const auto expect = [](int64_t items, double coverage, double low, double high) {
    const auto [least, most] = coverage_of_rules({coverage, 0, items});
    EXPECT_NEAR(least, low, 1e-8);
    EXPECT_NEAR(most, high, 1e-8);
  };
  expect(1000, 0.9, 0.88079152, 0.91789467);
  expect(1000, 0.8, 0.77488409, 0.82437943);
  expect(40, 0.9, 0.79613525, 0.97207458);
  expect(5, 0.9, 1, 1);  // too few for the promise: every option is in the set
}

// Over draws of both samples the chance to be covered is ceil((n + 1) coverage) / (n + 1), for
// any model; a question's own coverage varies with the threshold, by a Beta distribution of
// variance below 0.9 * 0.1 / (n + 2), so that a mean of 400 fits, 200 questions each, has a
// standard error below 0.0025. A fit that is off by one rank of 39 is off by 0.025.
TEST(PredictionSets, CoverWhatTheyPromiseWhateverTheModel) {
  Random random(5);
  std::vector<double> sizes;
  for (const double knowledge : {0.0, 4.0}) {
    constexpr int kFits = 400;
    double covered = 0;
    double size = 0;
    for (int fit = 0; fit < kFits; ++fit) {
      const auto rule = fit_prediction_sets(drawn(39, knowledge, random), 0.9);
      const auto row = measure_prediction_sets(rule, drawn(200, knowledge, random));
      covered += row.covered.accuracy / kFits;
      size += row.mean_size / kFits;
    }
    EXPECT_NEAR(covered, 0.9, 4 * 0.0025) << knowledge;
    sizes.push_back(size);
  }
  EXPECT_GT(sizes[0], 3);  // knows nothing
  EXPECT_LT(sizes[1], 2.5);
}

}  // namespace
}  // namespace lmc::eval
