// Whether an occlusion map, and the gradient's beside it, point where the boxes are
// (grounding/box_metrics.h), and what its curves say. Needs no model.
//
//   AUC        of exp(log p / tokens), by trapezoids over the share of cells hidden or shown.
// A map without boxes has only the curves.
// Source: Petsiuk et al., BMVC 2018.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "grounding/box_metrics.h"  // BoxMetrics
#include "record/grounding.h"       // GroundingMetric
#include "record/probe.h"           // OcclusionMap

namespace lmc::grounding {

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

}  // namespace lmc::grounding
