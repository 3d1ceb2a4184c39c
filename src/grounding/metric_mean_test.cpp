#include "grounding/metric_mean.h"

#include <gtest/gtest.h>

#include "stats/wilson.h"  // wilson_interval_95

namespace lmc::grounding {
namespace {

std::vector<MetricItem> items_of(const std::vector<double>& values) {
  std::vector<MetricItem> items;
  for (const double value : values) {
    items.push_back({value, "figure " + std::to_string(items.size() / 2), 0});
  }
  return items;
}

TEST(MetricMean, MeanWithItsInterval) {
  const auto metric = metric_mean("m", "f", "s", items_of({0.25, 0.5, 1, 0.125, 0.75, 0.5}));
  EXPECT_NEAR(*metric.value, 3.125 / 6, 1e-12);
  EXPECT_EQ(metric.items, 6);
  ASSERT_TRUE(metric.interval_95);
  EXPECT_LT((*metric.interval_95)[0], *metric.value);
  EXPECT_GT((*metric.interval_95)[1], *metric.value);
  EXPECT_TRUE(metric.by_variant.empty());
}

TEST(MetricMean, NothingAndOneImageGroup) {
  EXPECT_FALSE(metric_mean("m", "f", "s", {}).value);
  const auto one = metric_mean("m", "f", "s", items_of({1, 0}));
  EXPECT_NEAR(*one.value, 0.5, 1e-12);
  EXPECT_FALSE(one.interval_95);
}

// A bootstrap would give an interval without width.
TEST(MetricMean, AllOrNothingIsNotCertain) {
  const auto all =
      metric_mean("m", "f", "s", items_of({1, 1, 1, 1, 1, 1}), MetricKind::kProportion);
  EXPECT_EQ(*all.interval_95, stats::wilson_interval_95(3, 3));
  const auto none = metric_mean("m", "f", "s", items_of({0, 0, 0, 0}), MetricKind::kProportion);
  EXPECT_EQ(*none.interval_95, stats::wilson_interval_95(0, 2));
}

}  // namespace
}  // namespace lmc::grounding
