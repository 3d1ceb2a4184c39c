// A metric that is a mean over items, with its interval: the form of most metrics of grounding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/grounding.h"  // GroundingMetric

namespace lmc::grounding {

struct MetricItem {
  double value = 0;         // 0 or 1, a difference of these, or any share
  std::string image_group;  // items of one image group are drawn together
  int64_t variant = 0;      // means are also given by variant, when there are several
};

enum class MetricKind {
  kProportion,  // of items: each is 0 or 1
  kMean,        // of anything else
};

// The interval is the bootstrap's over image groups, corrected (BCa) where that can be told; absent
// with fewer than two image groups. A share of 0 or 1 has Wilson's, of as many items as there are
// image groups. No items: no value.
record::GroundingMetric metric_mean(const std::string& name, const std::string& formula,
                                    const std::string& source, const std::vector<MetricItem>& items,
                                    MetricKind kind = MetricKind::kMean);

}  // namespace lmc::grounding
