#include "grounding/map_metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "grounding/metric_mean.h"  // metric_mean

namespace lmc::grounding {

namespace {

using Box = std::array<double, 4>;

constexpr Box kImage = {0, 0, 1, 1};

// The values of a map, row by row.
struct Grid {
  int64_t rows = 0;
  int64_t columns = 0;
  std::span<const double> values;
};

Box cell_of(const Grid& grid, size_t index) {
  const auto rows = static_cast<double>(grid.rows);
  const auto columns = static_cast<double>(grid.columns);
  const auto row = static_cast<double>(static_cast<int64_t>(index) / grid.columns);
  const auto column = static_cast<double>(static_cast<int64_t>(index) % grid.columns);
  return {column / columns, row / rows, (column + 1) / columns, (row + 1) / rows};
}

double area(const Box& box) { return (box[2] - box[0]) * (box[3] - box[1]); }

bool is_centre_in_box(const Box& cell, std::span<const Box> boxes) {
  const double x = (cell[0] + cell[2]) / 2;
  const double y = (cell[1] + cell[3]) / 2;
  return std::any_of(boxes.begin(), boxes.end(), [&](const Box& box) {
    return box[0] <= x && x < box[2] && box[1] <= y && y < box[3];
  });
}

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

BoxMetrics box_metrics(const Grid& grid, std::span<const Box> boxes) {
  BoxMetrics metrics;
  if (boxes.empty() || grid.values.empty()) return metrics;
  const double most = *std::max_element(grid.values.begin(), grid.values.end());
  const double box_fraction = covered_area(kImage, boxes);
  double hottest = 0;
  double hottest_in_box = 0;
  double centres_in_box = 0;
  double energy = 0;
  double energy_in_box = 0;
  double selected = 0;
  double selected_in_box = 0;
  for (size_t i = 0; i < grid.values.size(); ++i) {
    const Box cell = cell_of(grid, i);
    const double value = grid.values[i];
    const double covered = covered_area(cell, boxes);
    const bool in_box = is_centre_in_box(cell, boxes);
    centres_in_box += in_box ? 1 : 0;
    if (value == most) {
      ++hottest;
      hottest_in_box += in_box ? 1 : 0;
    }
    energy += std::max(value, 0.0);
    energy_in_box += std::max(value, 0.0) * covered / area(cell);
    if (value >= most / 2) {
      selected += area(cell);
      selected_in_box += covered;
    }
  }
  const auto cells = static_cast<double>(grid.values.size());
  metrics.pointing = {hottest_in_box / hottest, centres_in_box / cells};
  if (most <= 0) return metrics;
  metrics.energy = {energy_in_box / energy, box_fraction};
  metrics.iou = {selected_in_box / (selected + box_fraction - selected_in_box),
                 selected * box_fraction / (selected + box_fraction - selected * box_fraction)};
  return metrics;
}

// A map and its metrics.
struct Measured {
  const record::OcclusionMap* map = nullptr;
  MapMetrics metrics;
};

class Means {
 public:
  explicit Means(const std::vector<Measured>& maps) : maps_(maps) {}

  void add(const std::string& name, const std::string& formula, const char* source,
           const std::function<std::optional<double>(const Measured&)>& value) {
    std::vector<MetricItem> items;
    for (const Measured& one : maps_) {
      if (const auto found = value(one)) items.push_back({*found, one.map->image_group, 0});
    }
    if (!items.empty()) metrics_.push_back(metric_mean(name, formula, source, items));
  }

  void add_against_chance(const std::string& name, const std::string& formula,
                          const std::string& chance_formula, const char* source,
                          BoxMetrics MapMetrics::*map,
                          std::optional<AgainstChance> BoxMetrics::*metric) {
    const auto value = [=](const Measured& one) -> std::optional<double> {
      const auto& found = one.metrics.*map.*metric;
      return found ? std::optional(found->value) : std::nullopt;
    };
    const auto chance = [=](const Measured& one) -> std::optional<double> {
      const auto& found = one.metrics.*map.*metric;
      return found ? std::optional(found->chance) : std::nullopt;
    };
    add(name, formula, source, value);
    add(name + ", by chance", chance_formula, "ours", chance);
    add(name + ", above chance", "mean over maps of the figure less its chance", "ours",
        [&](const Measured& one) -> std::optional<double> {
          if (!value(one)) return std::nullopt;
          return *value(one) - *chance(one);
        });
  }

  std::vector<record::GroundingMetric> take() { return std::move(metrics_); }

 private:
  const std::vector<Measured>& maps_;
  std::vector<record::GroundingMetric> metrics_;
};

}  // namespace

double covered_area(const Box& within, std::span<const Box> boxes) {
  std::vector<Box> inside;
  std::vector<double> xs;
  std::vector<double> ys;
  for (const Box& box : boxes) {
    const Box cut = {std::max(box[0], within[0]), std::max(box[1], within[1]),
                     std::min(box[2], within[2]), std::min(box[3], within[3])};
    if (cut[0] >= cut[2] || cut[1] >= cut[3]) continue;
    inside.push_back(cut);
    xs.insert(xs.end(), {cut[0], cut[2]});
    ys.insert(ys.end(), {cut[1], cut[3]});
  }
  std::sort(xs.begin(), xs.end());
  std::sort(ys.begin(), ys.end());
  // Between neighbouring edges a rectangle is covered whole or not at all.
  double total = 0;
  for (size_t i = 0; i + 1 < xs.size(); ++i) {
    for (size_t j = 0; j + 1 < ys.size(); ++j) {
      const bool is_covered = std::any_of(inside.begin(), inside.end(), [&](const Box& box) {
        return box[0] <= xs[i] && xs[i + 1] <= box[2] && box[1] <= ys[j] && ys[j + 1] <= box[3];
      });
      if (is_covered) total += (xs[i + 1] - xs[i]) * (ys[j + 1] - ys[j]);
    }
  }
  return total;
}

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
  std::vector<Measured> measured;
  for (const record::OcclusionMap& map : maps) {
    if (map.error.empty()) measured.push_back({&map, metrics_of_map(map)});
  }
  Means means(measured);
  means.add("picture's share of the answer",
            "mean of log p(answer | image) - log p(answer | all cells hidden), nats", "ours",
            [](const Measured& one) { return std::optional(one.map->whole - one.map->blank); });
  const auto add_box_means = [&](const std::string& suffix, BoxMetrics MapMetrics::*map) {
    means.add_against_chance("pointing game" + suffix,
                             "share of maps whose largest value lies in a box (centre of the cell)",
                             "cells whose centre is in a box / cells", "Zhang et al. 2018", map,
                             &BoxMetrics::pointing);
    means.add_against_chance("energy in boxes" + suffix,
                             "sum of positive values in boxes / sum of positive values",
                             "area of the boxes' union / area of the image", "Wang et al. 2020",
                             map, &BoxMetrics::energy);
    means.add_against_chance("IoU at half maximum" + suffix,
                             "boxes' union against the cells of at least half the largest value",
                             "s b / (s + b - s b), s and b: shares of cells chosen and of boxes",
                             "ours", map, &BoxMetrics::iou);
  };
  add_box_means("", &MapMetrics::occlusion);
  add_box_means(", gradient", &MapMetrics::relevance);
  constexpr char kRise[] = "Petsiuk et al. 2018";
  const std::string curve = "area under p(answer)^(1/tokens) over the share of cells ";
  means.add("deletion AUC", curve + "hidden, largest first", kRise,
            [](const Measured& one) { return one.metrics.deletion_auc; });
  means.add("insertion AUC", curve + "shown, largest first", kRise,
            [](const Measured& one) { return one.metrics.insertion_auc; });
  means.add("random order AUC", curve + "hidden in a random order", "ours",
            [](const Measured& one) { return one.metrics.random_auc; });
  means.add("insertion less deletion AUC", "0 for a map that says nothing", "ours",
            [](const Measured& one) -> std::optional<double> {
              if (!one.metrics.insertion_auc) return std::nullopt;
              return *one.metrics.insertion_auc - *one.metrics.deletion_auc;
            });
  return means.take();
}

}  // namespace lmc::grounding
