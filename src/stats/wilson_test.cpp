#include "stats/wilson.h"

#include <gtest/gtest.h>

#include "base/json.h"                  // read_json
#include "stats/normal_distribution.h"  // normal_cdf, normal_quantile

namespace lmc::stats {
namespace {

Json golden() { return read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/base/shares.json"); }

// z of a share p is as sensitive as 1 / (z * z) relative to p in the tails: a rounding of p's
// logarithm or of z itself is what is left. Some ten roundings are 2e-15; near p = 0.5 the
// absolute error counts.
TEST(NormalDistribution, IsThatOfScipy) {
  const Json goldens = golden();
  for (const Json& one : goldens["normal"]) {
    const double z = one["z"];
    EXPECT_NEAR(normal_quantile(one["p"]), z, 2e-15 * std::max(1.0, std::abs(z))) << one;
  }
  // The rounding of z / sqrt(2) is multiplied by z * z: 37 * 37 * 2^-53 is 1.5e-13.
  for (const Json& one : goldens["normal_cdf"]) {
    const double z = one["z"];
    const double p = one["p"];
    EXPECT_NEAR(normal_cdf(z), p, (2e-15 + z * z * 2.3e-16) * p) << one;
  }
}

// A handful of operations on values up to 1: 1e-14 is some fifty roundings.
TEST(Wilson, IsThatOfScipy) {
  const Json goldens = golden();
  for (const Json& one : goldens["wilson"]) {
    const auto found = wilson_interval(one["correct"], one["total"], one["level"]);
    EXPECT_NEAR(found[0], one["interval"][0].get<double>(), 1e-14) << one;
    EXPECT_NEAR(found[1], one["interval"][1].get<double>(), 1e-14) << one;
  }
}

TEST(Wilson, OfNothingIsEverything) {
  EXPECT_EQ(wilson_interval_95(0, 0), (std::array<double, 2>{0, 1}));
  EXPECT_EQ(wilson_interval(0, 0, 0.5), (std::array<double, 2>{0, 1}));
}

}  // namespace
}  // namespace lmc::stats
