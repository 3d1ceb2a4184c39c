// Whether an occlusion map, and the gradient's beside it, point where the boxes are. Needs no
// model.
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
//   AUC        of exp(log p / tokens), by trapezoids over the share of cells hidden or shown.
// A map without boxes has only the curves; one without a positive value no energy and no IoU.
// Source: pointing game: Zhang et al., IJCV 126 (2018) 1084; energy: Wang et al., Score-CAM, CVPRW
//         2020; curves: Petsiuk et al., BMVC 2018.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "record/grounding.h"  // GroundingMetric
#include "record/probe.h"      // OcclusionMap

namespace lmc::grounding {

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

struct MapMetrics {
  BoxMetrics occlusion;
  BoxMetrics relevance;  // of the gradient's map, with visual tokens as cells
  std::optional<double> deletion_auc;
  std::optional<double> insertion_auc;
  std::optional<double> random_auc;  // masking in a random order
};

// Maps with an error have none.
MapMetrics metrics_of_map(const record::OcclusionMap& map);

// Their means over the maps; empty without maps.
std::vector<record::GroundingMetric> map_metrics(std::span<const record::OcclusionMap> maps);

// Area of the union of boxes inside `within`; all as left, top, right, bottom.
double covered_area(const std::array<double, 4>& within,
                    std::span<const std::array<double, 4>> boxes);

}  // namespace lmc::grounding
