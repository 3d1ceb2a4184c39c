#include "stats/rater_agreement.h"

#include <gtest/gtest.h>

#include "base/json.h"  // read_json

namespace lmc::stats {
namespace {

const Json& golden() {
  static const Json kGolden =
      read_json(std::string(LMC_SOURCE_DIR) + "/tests/golden/eval/agreement.json");
  return kGolden;
}

// Kappa is 1 - q with q a quotient of sums of at most 400 terms: counts are exact, so are their
// products; a few roundings of a number below 10 stay below 1e-14.
void expect_same(const std::optional<double>& found, const Json& expected, const Json& input) {
  ASSERT_EQ(found.has_value(), !expected.is_null()) << input;
  if (found) {
    EXPECT_NEAR(*found, expected.get<double>(), 1e-14) << input;
  }
}

TEST(RaterAgreement, CohenIsThatOfScikitLearn) {
  for (const Json& one : golden()["cohen"]) {
    const std::vector<int> first = one["first"];
    const std::vector<int> second = one["second"];
    RatedPairs pairs;
    for (size_t i = 0; i < first.size(); ++i) pairs.emplace_back(first[i], second[i]);
    const int categories = one["categories"];
    expect_same(cohen_kappa(pairs, categories, Weights::kNone), one["kappa"], one);
    expect_same(cohen_kappa(pairs, categories, Weights::kQuadratic), one["quadratic"], one);
  }
  EXPECT_FALSE(cohen_kappa({}, 2, Weights::kNone));
}

TEST(RaterAgreement, FleissIsThatOfStatsmodels) {
  for (const Json& one : golden()["fleiss"]) {
    expect_same(fleiss_kappa(one["counts"].get<std::vector<std::vector<int64_t>>>()), one["kappa"],
                one);
  }
  EXPECT_FALSE(fleiss_kappa({}));
}

// Fleiss' own example (1971, table 1) is widely printed as kappa = 0.210 for this variant of it.
TEST(RaterAgreement, FleissOfAPublishedTable) {
  const std::vector<std::vector<int64_t>> counts = {
      {0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0}, {2, 2, 8, 1, 1},
      {7, 7, 0, 0, 0},  {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2}, {6, 5, 2, 1, 0}, {0, 2, 2, 3, 7}};
  EXPECT_NEAR(*fleiss_kappa(counts), 0.210, 0.0005);
}

TEST(RaterAgreement, ShareOfAgreement) {
  EXPECT_DOUBLE_EQ(*share_of_agreement({{0, 0}, {1, 0}, {2, 2}, {1, 1}}), 0.75);
  EXPECT_FALSE(share_of_agreement({}));
}

}  // namespace
}  // namespace lmc::stats
