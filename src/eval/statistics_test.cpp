#include "eval/statistics.h"

#include <gtest/gtest.h>

#include "base/json.h"  // read_json

namespace lmc::eval {
namespace {

const Json& golden() {
  static const Json kGolden =
      read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/statistics.json");
  return kGolden;
}

// A handful of operations on values up to 1: 1e-14 is some fifty roundings.
TEST(Statistics, WilsonIsThatOfScipy) {
  for (const Json& one : golden()["wilson"]) {
    const auto found = wilson_interval_95(one["correct"], one["total"]);
    EXPECT_NEAR(found[0], one["interval"][0].get<double>(), 1e-14) << one;
    EXPECT_NEAR(found[1], one["interval"][1].get<double>(), 1e-14) << one;
  }
  EXPECT_EQ(wilson_interval_95(0, 0), (std::array<double, 2>{0, 1}));
}

// lgamma(1e5) is near 1e6, of which half a unit in the last place is 6e-11; four such terms stay
// below the 1e-9 that the header promises.
TEST(Statistics, McNemarIsThatOfScipy) {
  for (const Json& one : golden()["mcnemar"]) {
    const double expected = one["p"];
    EXPECT_NEAR(mcnemar_exact(one["first"], one["second"]), expected, 1e-9 * expected) << one;
  }
  EXPECT_EQ(mcnemar_exact(0, 0), 1);
  EXPECT_EQ(mcnemar_exact(7, 7), 1);
}

}  // namespace
}  // namespace lmc::eval
