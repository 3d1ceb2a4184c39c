// Whether a map over an image points where boxes are. Needs no model.
//
// Of one map, with n cells of values v, boxes whose union covers the share b of the image:
//   pointing   1 if the centre of the cell of the largest value lies in a box; of several equally
//              large ones the share whose centre does. Chance, a cell drawn at random: the share of
//              the cells whose centre lies in a box.
//   energy     sum of max(v, 0) * (share of the cell in a box) / sum of max(v, 0). Chance, a flat
//              map: b.
//   IoU        of the boxes' union and the cells with v >= max(v) / 2. Chance, as many cells drawn
//              at random, which cover the share s: s b / (s + b - s b), the ratio of the expected
//              areas.
// A map without boxes has none of them; one without a positive value no energy and no IoU.
// Source: pointing game: Zhang et al., IJCV 126 (2018) 1084; energy: Wang et al., Score-CAM, CVPRW
//         2020.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/grounding.h"  // GroundingMetric
#include "record/image_map.h"  // FractionBox

namespace lmc::grounding {

// The values of a map, row by row from the top left.
struct Grid {
  int64_t rows = 0;
  int64_t columns = 0;
  std::span<const double> values;
};

// A metric and what chance gives.
struct AgainstChance {
  double value = 0;
  double chance = 0;
};

// Of a map's values against the boxes; empty: it has none.
struct BoxMetrics {
  std::optional<AgainstChance> pointing;
  std::optional<AgainstChance> energy;
  std::optional<AgainstChance> iou;
};

BoxMetrics box_metrics(const Grid& grid, std::span<const record::FractionBox> boxes);

// Those of one map of many, and what its image belongs to.
struct BoxItem {
  BoxMetrics metrics;
  std::string image_group;
};

// Appends the means with what chance gives and the difference, those that any map has. Names end
// with `suffix`; `what` the maps are of, for the formulas.
void add_box_metrics(const std::string& suffix, const std::string& what,
                     std::span<const BoxItem> items, std::vector<record::GroundingMetric>& metrics);

// Area of the union of boxes inside `within`; all as left, top, right, bottom.
double covered_area(const record::FractionBox& within, std::span<const record::FractionBox> boxes);

}  // namespace lmc::grounding
