#include "stats/mcnemar.h"

#include <gtest/gtest.h>

#include "base/json.h"  // read_json

namespace lmc::stats {
namespace {

Json golden() {
  return read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/statistics.json");
}

// lgamma(1e5) is near 1e6, of which half a unit in the last place is 6e-11; four such terms stay
// below the 1e-9 that the header promises.
TEST(McNemar, ExactIsThatOfStatsmodelsAndMidPFollowsItsDefinition) {
  const Json goldens = golden();
  for (const Json& one : goldens["mcnemar"]) {
    const double exact = one["p"];
    const double mid = one["mid_p"];
    EXPECT_NEAR(mcnemar_exact(one["first"], one["second"]), exact, 1e-9 * exact) << one;
    EXPECT_NEAR(mcnemar_mid_p(one["first"], one["second"]), mid, 1e-9 * mid) << one;
  }
}

TEST(McNemar, OfAnEvenSplit) {
  EXPECT_EQ(mcnemar_exact(0, 0), 1);
  EXPECT_EQ(mcnemar_exact(7, 7), 1);
  EXPECT_EQ(mcnemar_mid_p(0, 0), 0.5);
  EXPECT_DOUBLE_EQ(mcnemar_mid_p(1, 1), 0.75);  // one of each: 2 of 4 throws
}

// Counts of questions, so that equality is exact.
TEST(McNemar, SmallestSignificantGapIsThatOfTryingAllSplits) {
  const Json goldens = golden();
  for (const Json& one : goldens["gaps"]) {
    for (const auto& [key, test] :
         {std::pair{"exact", McNemar::kExact}, {"mid_p", McNemar::kMidP}}) {
      const auto found =
          smallest_significant_gap(one["total"], one["discordance"], one["alpha"], test);
      ASSERT_EQ(found.has_value(), !one[key].is_null()) << one;
      if (found) {
        EXPECT_EQ(*found, one[key].get<double>()) << key << one;
      }
    }
  }
  EXPECT_FALSE(smallest_significant_gap(0, 0.2, 0.05));
  EXPECT_FALSE(smallest_significant_gap(100, 0.05, 0.05));  // 5 to 0: p = 0.0625
  EXPECT_EQ(smallest_significant_gap(100, 0.06, 0.05), 0.06);
}

}  // namespace
}  // namespace lmc::stats
