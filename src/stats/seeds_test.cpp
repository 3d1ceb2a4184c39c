#include "stats/seeds.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/json.h"  // read_json

namespace lmc::stats {
namespace {

// Sums of at most ten values below 100, and a quantile that is good to 1e-13.
TEST(Seeds, AreThoseOfStatsmodels) {
  const Json golden = read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/statistics.json");
  for (const Json& one : golden["seeds"]) {
    const auto found =
        summarise_seeds(one["values"].get<std::vector<double>>(), one["level"].get<double>());
    const double mean = one["mean"];
    ASSERT_TRUE(found && found->interval);
    EXPECT_NEAR(found->mean, mean, 1e-14 * mean) << one;
    EXPECT_NEAR(*found->standard_deviation, one["deviation"].get<double>(), 1e-14 * mean) << one;
    EXPECT_NEAR((*found->interval)[0], one["interval"][0].get<double>(), 1e-12 * mean) << one;
    EXPECT_NEAR((*found->interval)[1], one["interval"][1].get<double>(), 1e-12 * mean) << one;
  }
}

TEST(Seeds, OfNoneAndOfOne) {
  EXPECT_FALSE(summarise_seeds({}));
  const auto one = summarise_seeds(std::vector<double>{0.6});
  EXPECT_EQ(one->mean, 0.6);
  EXPECT_FALSE(one->standard_deviation);
  EXPECT_FALSE(one->interval);
}

// As above; Welch's degrees of freedom are a ratio of sums of at most two squares.
TEST(Seeds, DifferencesAreThoseOfScipy) {
  const Json golden =
      read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/seed_differences.json");
  ASSERT_EQ(golden["cases"].size(), 12U);
  for (const Json& one : golden["cases"]) {
    const auto found = seed_difference_interval(one["first"].get<std::vector<double>>(),
                                                one["second"].get<std::vector<double>>(),
                                                one["level"].get<double>());
    ASSERT_TRUE(found);
    EXPECT_NEAR((*found)[0], one["interval"][0].get<double>(), 1e-12) << one;
    EXPECT_NEAR((*found)[1], one["interval"][1].get<double>(), 1e-12) << one;
  }
}

TEST(Seeds, DifferencesOfTooFewAndOfEqualValues) {
  const std::vector<double> one = {0.5};
  const std::vector<double> equal = {0.75, 0.75};
  EXPECT_FALSE(seed_difference_interval(one, one));
  EXPECT_FALSE(seed_difference_interval({}, equal));
  const auto found = seed_difference_interval(equal, one);
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)[0], 0.25);
  EXPECT_EQ((*found)[1], 0.25);
}

}  // namespace
}  // namespace lmc::stats
