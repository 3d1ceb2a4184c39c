#include "stats/beta_distribution.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"              // read_json
#include "stats/clopper_pearson.h"  // clopper_pearson_interval

namespace lmc::stats {
namespace {

Json golden() {
  return read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/statistics.json");
}

// The relative error of the constant in front: the roundings of lgamma and of a * log(x), each
// about (a + b) * log(a + b) * 2^-53, some five of them; and a dozen of the sum.
double share_error(double a, double b) {
  const double n = a + b + 2;
  return 1e-15 * (12 + n * std::log(n));
}

TEST(BetaDistribution, SharesAreThoseOfScipy) {
  const Json goldens = golden();
  for (const Json& one : goldens["beta_cdf"]) {
    const double p = one["p"];
    EXPECT_NEAR(beta_cdf(one["x"], one["a"], one["b"]), p, share_error(one["a"], one["b"]) * p)
        << one;
  }
  EXPECT_EQ(beta_cdf(0, 2, 3), 0);
  EXPECT_EQ(beta_cdf(1, 2, 3), 1);
}

// An error of a share moves its quantile by at most that share over the density; with a standard
// deviation s the density between the shares 0.001 and 0.9 is above p / (4 s) for these.
TEST(BetaDistribution, QuantilesAreThoseOfScipy) {
  const Json goldens = golden();
  for (const Json& one : goldens["beta_quantile"]) {
    const double a = one["a"];
    const double b = one["b"];
    const double x = one["x"];
    const double deviation = std::sqrt(a * b / (a + b + 1)) / (a + b);
    EXPECT_NEAR(beta_quantile(one["p"], a, b), x, 4 * deviation * share_error(a, b) + 1e-15 * x)
        << one;
  }
  EXPECT_EQ(beta_quantile(0, 2, 3), 0);
  EXPECT_EQ(beta_quantile(1, 2, 3), 1);
}

// t follows from the quantile of a share by a root, which halves its relative error; at p = 0.5
// it is the root of a share of nothing.
TEST(BetaDistribution, StudentsQuantilesAreThoseOfScipy) {
  const Json goldens = golden();
  for (const Json& one : goldens["student"]) {
    const double t = one["t"];
    EXPECT_NEAR(student_t_quantile(one["p"], one["degrees"]), t, 1e-12 * std::abs(t) + 1e-15)
        << one;
  }
}

TEST(ClopperPearson, IsThatOfStatsmodels) {
  const Json goldens = golden();
  for (const Json& one : goldens["clopper_pearson"]) {
    const int64_t count = one["count"];
    const int64_t total = one["total"];
    // As for quantiles; a deviation is at most 0.5 / sqrt(total).
    const double error =
        2 / std::sqrt(static_cast<double>(total)) *
        share_error(static_cast<double>(count), static_cast<double>(total - count));
    const auto found = clopper_pearson_interval(count, total, one["level"]);
    EXPECT_NEAR(found[0], one["interval"][0].get<double>(), error) << one;
    EXPECT_NEAR(found[1], one["interval"][1].get<double>(), error) << one;
    EXPECT_NEAR(clopper_pearson_upper(count, total, one["level"]), one["upper"].get<double>(),
                error)
        << one;
  }
  EXPECT_EQ(clopper_pearson_interval(0, 0, 0.95), (std::array<double, 2>{0, 1}));
  EXPECT_EQ(clopper_pearson_upper(0, 0, 0.95), 1);
  // No error in 29: the rule of three's exact form, 0.05^(1 / 29).
  EXPECT_NEAR(clopper_pearson_upper(0, 29, 0.95), 1 - std::pow(0.05, 1.0 / 29), 1e-14);
}

}  // namespace
}  // namespace lmc::stats
