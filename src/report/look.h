// What grounding runs say to the question whether a model looks at the image, in words.
#pragma once

#include <string>
#include <vector>

#include "report/grounding_run.h"

namespace lmc::report {

enum class Look {
  kLooks,       // answers are less often right with another image; the interval leaves zero out
  kNotShown,    // the interval holds zero, or there is none
  kBackwards,   // more often right with another image
  kNotMeasured  // no condition with another image
};

Look look_of(const record::GroundingResult& result);

// A name that stands first in the list of metrics; null: not there.
const record::GroundingMetric* find_metric(const std::vector<record::GroundingMetric>& metrics,
                                           const std::string& name);

// Plain text.
struct LookSummary {
  std::string answer;                // "Yes: distilled. Not shown: blind."
  std::vector<std::string> because;  // the metrics of each run, of the first few
};
LookSummary summarise_looks(const std::vector<GroundingRun>& runs);

}  // namespace lmc::report
