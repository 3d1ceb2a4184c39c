#include "grounding/box_metrics.h"

#include <algorithm>

#include "grounding/metric_mean.h"  // metric_mean

namespace lmc::grounding {

namespace {

using Box = record::FractionBox;

constexpr Box kImage = {0, 0, 1, 1};

Box cell_of(const Grid& grid, size_t index) {
  const auto rows = static_cast<double>(grid.rows);
  const auto columns = static_cast<double>(grid.columns);
  const int64_t row_index = static_cast<int64_t>(index) / grid.columns;
  const auto row = static_cast<double>(row_index);
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

BoxMetrics box_metrics(const Grid& grid, std::span<const record::FractionBox> boxes) {
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

void add_box_metrics(const std::string& suffix, const std::string& what,
                     std::span<const BoxItem> items,
                     std::vector<record::GroundingMetric>& metrics) {
  using Metric = std::optional<AgainstChance> BoxMetrics::*;
  const auto add = [&](const std::string& name, const std::string& formula,
                       const std::string& chance_formula, const char* source, Metric metric) {
    std::vector<MetricItem> values, chances, differences;
    for (const BoxItem& item : items) {
      const std::optional<AgainstChance>& found = item.metrics.*metric;
      if (!found) continue;
      values.push_back({found->value, item.image_group, 0});
      chances.push_back({found->chance, item.image_group, 0});
      differences.push_back({found->value - found->chance, item.image_group, 0});
    }
    if (values.empty()) return;
    metrics.push_back(metric_mean(name + suffix, formula, source, values));
    metrics.push_back(metric_mean(name + suffix + ", by chance", chance_formula, "ours", chances));
    metrics.push_back(metric_mean(name + suffix + ", above chance",
                                  cat("mean over ", what, " of the figure less its chance"), "ours",
                                  differences));
  };
  add("pointing game",
      cat("share of ", what, " whose largest value lies in a box (centre of the cell)"),
      "cells whose centre is in a box / cells", "Zhang et al. 2018", &BoxMetrics::pointing);
  add("energy in boxes", "sum of positive values in boxes / sum of positive values",
      "area of the boxes' union / area of the image", "Wang et al. 2020", &BoxMetrics::energy);
  add("IoU at half maximum", "boxes' union against the cells of at least half the largest value",
      "s b / (s + b - s b), s and b: shares of cells chosen and of boxes", "ours",
      &BoxMetrics::iou);
}

}  // namespace lmc::grounding
