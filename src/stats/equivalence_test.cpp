#include "stats/equivalence.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"  // read_json

namespace lmc::stats {
namespace {

// statsmodels sees the list of n differences, whose mean and variance carry up to n roundings that
// mostly cancel: 1e-13 for n = 33,430. A share of the normal distribution far out multiplies the
// relative error of z by z * z, up to 1,600 here.
TEST(Equivalence, IsThatOfStatsmodels) {
  const Json golden = read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/statistics.json");
  for (const Json& one : golden["equivalence"]) {
    const PairedCounts counts{one["first"], one["second"], one["total"]};
    const auto found = paired_difference(counts, one["level"]);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->interval[0], one["interval"][0].get<double>(), 1e-13) << one;
    EXPECT_NEAR(found->interval[1], one["interval"][1].get<double>(), 1e-13) << one;
    for (const Json& at : one["margins"]) {
      const double not_worse = at["not_worse"];
      const double equivalent = at["equivalent"];
      EXPECT_NEAR(*non_inferiority_p(counts, at["margin"]), not_worse, 2e-10 * not_worse) << one;
      EXPECT_NEAR(*equivalence_p(counts, at["margin"]), equivalent, 2e-10 * equivalent) << one;
    }
  }
}

// At 0.05 the test and the 90 % interval say the same.
TEST(Equivalence, AgreesWithItsInterval) {
  for (int64_t first = 0; first <= 60; ++first) {
    const PairedCounts counts{first, 30, 400};
    const auto found = paired_difference(counts, 0.9);
    const bool inside = found->interval[0] > -0.05 && found->interval[1] < 0.05;
    EXPECT_EQ(*equivalence_p(counts, 0.05) < 0.05, inside) << first;
  }
}

TEST(Equivalence, WithoutAVariance) {
  EXPECT_FALSE(paired_difference({0, 0, 0}, 0.95));
  EXPECT_FALSE(non_inferiority_p({0, 0, 0}, 0.01));
  EXPECT_FALSE(equivalence_p({0, 0, 0}, 0.01));
  // One question without a difference shows nothing; 299 show one point: 0.99^299 < 0.05.
  EXPECT_DOUBLE_EQ(*equivalence_p({0, 0, 1}, 0.01), 0.99);
  EXPECT_GT(*equivalence_p({0, 0, 298}, 0.01), 0.05);
  EXPECT_LT(*equivalence_p({0, 0, 299}, 0.01), 0.05);
  EXPECT_DOUBLE_EQ(*non_inferiority_p({2, 0, 2}, 0.2), 0.16);
  EXPECT_EQ(*non_inferiority_p({0, 2, 2}, 0.2), 1);
  EXPECT_EQ(*equivalence_p({2, 0, 2}, 0.2), 1);
}

}  // namespace
}  // namespace lmc::stats
