#include "eval/confidence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace lmc::eval {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

record::Answer answer(const std::string& letter, std::map<char, double> log_probability) {
  record::Answer result;
  result.gold = "B";
  result.letter = letter;
  result.letter_log_probability = std::move(log_probability);
  return result;
}

// Log-probabilities over a whole vocabulary: the letters' share of it does not matter.
TEST(Confidence, IsTheLettersShareAmongTheOptions) {
  const auto sure = graded(answer("B", {{'A', std::log(0.01)}, {'B', std::log(0.03)}}));
  EXPECT_TRUE(sure.right);
  EXPECT_NEAR(*sure.confidence, 0.75, 1e-15);
  const auto unsure = graded(answer("A", {{'A', std::log(0.01)}, {'B', std::log(0.03)}}));
  EXPECT_FALSE(unsure.right);
  EXPECT_NEAR(*unsure.confidence, 0.25, 1e-15);
}

TEST(Confidence, IsAbsentWithoutAnAnswerOrLogProbabilities) {
  EXPECT_FALSE(graded(answer("", {{'A', -1}, {'B', -2}})).confidence);
  EXPECT_FALSE(graded(answer("B", {})).confidence);
  EXPECT_TRUE(graded(answer("B", {})).right);
  EXPECT_FALSE(graded(answer("", {})).right);
  EXPECT_FALSE(graded(answer("C", {{'A', -1}, {'B', -2}})).confidence);
  EXPECT_FALSE(graded(answer("B", {{'A', kNever}, {'B', kNever}})).confidence);
  EXPECT_FALSE(option_scores(answer("A", {{'A', -1}, {'C', -2}})));  // the gold one is missing
}

TEST(Confidence, ProbabilitiesOfOptions) {
  EXPECT_EQ(option_probabilities(std::vector<double>{-3}), std::vector<double>{1});
  EXPECT_EQ(option_probabilities(std::vector<double>{-900, -900}), (std::vector<double>{0.5, 0.5}));
  EXPECT_EQ(option_probabilities(std::vector<double>{0, kNever}, 100), (std::vector<double>{1, 0}));
  const auto cooled = option_probabilities(std::vector<double>{std::log(2.0), 0}, 0.5);
  EXPECT_NEAR(cooled[0], 0.8, 1e-15);  // 2 to 1, squared
  const auto heated = option_probabilities(std::vector<double>{std::log(4.0), 0}, 2);
  EXPECT_NEAR(heated[0], 2.0 / 3, 1e-15);
}

}  // namespace
}  // namespace lmc::eval
