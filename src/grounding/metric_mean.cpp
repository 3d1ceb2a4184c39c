#include "grounding/metric_mean.h"

#include <cmath>
#include <map>

#include "stats/cluster_bootstrap.h"  // cluster_bootstrap
#include "stats/wilson.h"             // wilson_interval_95

namespace lmc::grounding {

namespace {

// The bootstrap counts in whole numbers.
double unit_of(const std::vector<MetricItem>& items) {
  constexpr double kMillionth = 1e-6;
  for (const MetricItem& item : items) {
    if (item.value != std::nearbyint(item.value)) return kMillionth;
  }
  return 1;
}

struct Sum {
  double value = 0;
  int64_t items = 0;
  double mean() const { return value / static_cast<double>(items); }
};

}  // namespace

record::GroundingMetric metric_mean(const std::string& name, const std::string& formula,
                                    const std::string& source, const std::vector<MetricItem>& items,
                                    MetricKind kind) {
  record::GroundingMetric metric{name, formula, source, {}, {}, {}, {}};
  metric.items = static_cast<int64_t>(items.size());
  if (items.empty()) return metric;
  const double unit = unit_of(items);
  std::vector<int> values;
  std::vector<std::string> image_groups;
  Sum all;
  std::map<int64_t, Sum> by_variant;
  for (const MetricItem& item : items) {
    values.push_back(static_cast<int>(std::lround(item.value / unit)));
    image_groups.push_back(item.image_group);
    for (Sum* sum : {&all, &by_variant[item.variant]}) {
      sum->value += item.value;
      ++sum->items;
    }
  }
  metric.value = all.mean();
  const std::vector<stats::ImageGroupSum> sums = stats::sum_by_image_group(values, image_groups);
  const auto bootstrap = stats::cluster_bootstrap(sums, {});
  if (bootstrap) {
    metric.interval_95 = bootstrap->interval();
    for (double& end : *metric.interval_95) end *= unit;
  }
  // A bootstrap is blind where nothing varies. A share of all or nothing has Wilson's interval,
  // each image group taken for one item.
  if (kind == MetricKind::kProportion && (metric.value == 0.0 || metric.value == 1.0)) {
    const auto count = static_cast<int64_t>(sums.size());
    metric.interval_95 = stats::wilson_interval_95(metric.value == 0.0 ? 0 : count, count);
  }
  if (by_variant.size() > 1) {
    for (const auto& [variant, sum] : by_variant) metric.by_variant.push_back(sum.mean());
  }
  return metric;
}

}  // namespace lmc::grounding
