#include "stats/cluster_bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/json.h"    // read_json
#include "base/random.h"  // Random

namespace lmc::stats {
namespace {

std::vector<ImageGroupSum> metrics_of(const Json& one) {
  std::vector<ImageGroupSum> image_groups;
  for (size_t i = 0; i < one["value"].size(); ++i) {
    image_groups.push_back({one["value"][i], one["questions"][i]});
  }
  return image_groups;
}

// From scipy's own resamples. A quantile lies between two of them, at a place that is off by the
// error of the normal distribution (1e-14) times their number, 200.
TEST(ClusterBootstrap, IntervalsAreThoseOfScipy) {
  const Json golden = read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/bootstrap.json");
  for (const Json& one : golden["cases"]) {
    const auto image_groups = metrics_of(one);
    const std::vector<double> replicates = one["replicates"];
    const auto percentile = percentile_interval(replicates, one["level"]);
    const auto bca = bca_interval(image_groups, replicates, one["level"]);
    ASSERT_EQ(bca.has_value(), !one["bca"].is_null());
    for (size_t end = 0; end < 2; ++end) {
      EXPECT_NEAR(percentile[end], one["percentile"][end].get<double>(), 1e-11);
      if (bca) {
        EXPECT_NEAR((*bca)[end], one["bca"][end].get<double>(), 1e-11);
      }
    }
  }
}

// For image groups of the same number of questions the exact bootstrap distribution is known: mean
// and variance of the image groups, over their number. Of 10,000 resamples the mean errs by
// deviation / 100, the deviation by its 1 / sqrt(2 * 10,000); four times that is passed once in
// 16,000 seeds.
TEST(ClusterBootstrap, ResamplesAreDrawnEvenly) {
  Random random(3);
  std::vector<ImageGroupSum> image_groups(501);  // odd: the last draw takes half a number
  for (ImageGroupSum& image_group : image_groups)
    image_group = {static_cast<int32_t>(random.integer(-2, 3)), 3};
  const auto n = static_cast<double>(image_groups.size());
  double mean = 0;
  double square = 0;
  for (const ImageGroupSum& image_group : image_groups) {
    mean += image_group.value / 3.0 / n;
    square += image_group.value / 3.0 * image_group.value / 3.0 / n;
  }
  const double deviation = std::sqrt((square - mean * mean) / n);
  const auto found = cluster_bootstrap(image_groups, {.resamples = 10'000, .seed = 1});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->estimate, mean, 1e-14);
  EXPECT_NEAR(found->standard_error, deviation, 4 * deviation / std::sqrt(20'000));
  const auto replicates = bootstrap_replicates(image_groups, {.resamples = 10'000, .seed = 1});
  EXPECT_NEAR(std::accumulate(replicates.begin(), replicates.end(), 0.0) / 10'000, mean,
              4 * deviation / 100);
  // 501 image groups are enough for the normal distribution to hold within a few hundredths.
  EXPECT_NEAR(found->percentile[0], mean - 1.96 * deviation, 0.15 * deviation);
  EXPECT_NEAR(found->percentile[1], mean + 1.96 * deviation, 0.15 * deviation);
  ASSERT_TRUE(found->bca);
  EXPECT_NEAR((*found->bca)[0], found->percentile[0], 0.15 * deviation);
}

TEST(ClusterBootstrap, SameSeedSameNumbers) {
  const std::vector<ImageGroupSum> image_groups{{1, 2}, {0, 1}, {3, 3}, {-1, 2}};
  const auto draws = [&](uint64_t seed) {
    return bootstrap_replicates(image_groups, {.resamples = 20, .seed = seed});
  };
  EXPECT_EQ(draws(1), draws(1));
  EXPECT_NE(draws(1), draws(2));
}

// Four questions on each image group that go wrong together are worth one: twice the error.
TEST(ClusterBootstrap, ImageGroupsWidenTheInterval) {
  std::vector<int> values;
  std::vector<std::string> image_groups;
  std::vector<std::string> alone;
  for (int i = 0; i < 800; ++i) {
    values.push_back(i / 4 % 2);
    image_groups.push_back(std::to_string(i / 4));
    alone.push_back(std::to_string(i));
  }
  const auto together = cluster_bootstrap(sum_by_image_group(values, image_groups), {});
  const auto apart = cluster_bootstrap(sum_by_image_group(values, alone), {});
  EXPECT_EQ(together->image_groups, 200);
  EXPECT_EQ(together->estimate, 0.5);
  // Two deviations, each known to 1 / sqrt(20,000), four times over.
  EXPECT_NEAR(together->standard_error / apart->standard_error, 2, 2 * 4 * std::sqrt(2 / 20'000.0));
}

TEST(ClusterBootstrap, WithoutSpread) {
  EXPECT_FALSE(cluster_bootstrap({}, {}));
  EXPECT_FALSE(cluster_bootstrap(std::vector<ImageGroupSum>{{1, 2}}, {}));
  const auto found = cluster_bootstrap(std::vector<ImageGroupSum>{{2, 2}, {1, 1}, {4, 4}}, {});
  EXPECT_EQ(found->estimate, 1);
  EXPECT_EQ(found->standard_error, 0);
  EXPECT_EQ(found->percentile, (std::array<double, 2>{1, 1}));
  EXPECT_FALSE(found->bca);
}

TEST(ClusterBootstrap, SumsEachImageGroup) {
  const auto sums = sum_by_image_group(std::vector<int>{1, 0, 1, -1},
                                       std::vector<std::string>{"b", "a", "b", "b"});
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums[0].value, 1);
  EXPECT_EQ(sums[0].questions, 3);
  EXPECT_EQ(sums[1].value, 0);
}

}  // namespace
}  // namespace lmc::stats
