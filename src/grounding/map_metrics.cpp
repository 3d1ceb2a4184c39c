#include "grounding/map_metrics.h"

#include <cmath>
#include <functional>
#include <string>

#include "grounding/metric_mean.h"  // metric_mean

namespace lmc::grounding {

namespace {

double auc(const std::vector<double>& log_probability, int64_t tokens) {
  double sum = 0;
  for (size_t k = 0; k + 1 < log_probability.size(); ++k) {
    const auto at = [&](size_t i) {
      return std::exp(log_probability[i] / static_cast<double>(tokens));
    };
    sum += (at(k) + at(k + 1)) / 2;
  }
  return sum / static_cast<double>(log_probability.size() - 1);
}

}  // namespace

MapMetrics metrics_of_map(const record::OcclusionMap& map) {
  MapMetrics metrics;
  if (!map.error.empty()) return metrics;
  metrics.occlusion = box_metrics({map.rows, map.columns, map.values}, map.boxes);
  metrics.relevance = box_metrics({map.token_rows, map.token_columns, map.relevance}, map.boxes);
  if (map.deletion.size() > 1) {
    metrics.deletion_auc = auc(map.deletion, map.tokens);
    metrics.insertion_auc = auc(map.insertion, map.tokens);
    metrics.random_auc = auc(map.random_deletion, map.tokens);
  }
  return metrics;
}

std::vector<record::GroundingMetric> map_metrics(std::span<const record::OcclusionMap> maps) {
  std::vector<record::GroundingMetric> metrics;
  std::vector<const record::OcclusionMap*> made;
  std::vector<MapMetrics> of_map;
  std::vector<BoxItem> occlusion;
  std::vector<BoxItem> gradient;
  for (const record::OcclusionMap& map : maps) {
    if (!map.error.empty()) continue;
    made.push_back(&map);
    of_map.push_back(metrics_of_map(map));
    occlusion.push_back({of_map.back().occlusion, map.image_group});
    gradient.push_back({of_map.back().relevance, map.image_group});
  }
  const auto add = [&](const std::string& name, const std::string& formula, const char* source,
                       const std::function<std::optional<double>(size_t map)>& value) {
    std::vector<MetricItem> items;
    for (size_t i = 0; i < made.size(); ++i) {
      if (const auto found = value(i)) items.push_back({*found, made[i]->image_group, 0});
    }
    if (!items.empty()) metrics.push_back(metric_mean(name, formula, source, items));
  };
  add("picture's share of the answer",
      "mean of log p(answer | image) - log p(answer | all cells hidden), nats", "ours",
      [&](size_t i) { return std::optional(made[i]->whole - made[i]->blank); });
  add_box_metrics("", "maps", occlusion, metrics);
  add_box_metrics(", gradient", "maps", gradient, metrics);
  constexpr char kRise[] = "Petsiuk et al. 2018";
  const std::string curve = "area under p(answer)^(1/tokens) over the share of cells ";
  add("deletion AUC", curve + "hidden, largest first", kRise,
      [&](size_t i) { return of_map[i].deletion_auc; });
  add("insertion AUC", curve + "shown, largest first", kRise,
      [&](size_t i) { return of_map[i].insertion_auc; });
  add("random order AUC", curve + "hidden in a random order", "ours",
      [&](size_t i) { return of_map[i].random_auc; });
  add("insertion less deletion AUC", "0 for a map that says nothing", "ours",
      [&](size_t i) -> std::optional<double> {
        if (!of_map[i].insertion_auc) return std::nullopt;
        return *of_map[i].insertion_auc - *of_map[i].deletion_auc;
      });
  return metrics;
}

}  // namespace lmc::grounding
