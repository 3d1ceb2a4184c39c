#include "stats/holm.h"

#include <gtest/gtest.h>

#include "base/json.h"  // read_json

namespace lmc::stats {
namespace {

// One product each; statsmodels may have it rounded once more.
TEST(Holm, IsThatOfStatsmodels) {
  const Json golden = read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/statistics.json");
  for (const Json& one : golden["holm"]) {
    const auto expected = one["adjusted"].get<std::vector<double>>();
    const auto found = holm_adjusted(one["p"].get<std::vector<double>>());
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) EXPECT_DOUBLE_EQ(found[i], expected[i]) << one;
  }
  EXPECT_TRUE(holm_adjusted({}).empty());
}

}  // namespace
}  // namespace lmc::stats
