// What grounding runs say to the question whether a model looks at the picture, in words.
#pragma once

#include <string>
#include <vector>

#include "report/grounding_run.h"

namespace lmc::report {

enum class Look {
  kLooks,       // answers are less often right with another picture; the interval leaves zero out
  kNotShown,    // the interval holds zero, or there is none
  kBackwards,   // more often right with another picture
  kNotMeasured  // no condition with another picture
};

Look look_of(const record::GroundingResult& result);

// A name that stands first in the list of figures; null: not there.
const record::GroundingMetric* find_metric(const std::vector<record::GroundingMetric>& metrics,
                                           const std::string& name);

// Plain text.
struct LookSummary {
  std::string answer;                // "Yes: distilled. Not shown: blind."
  std::vector<std::string> because;  // the figures of each run, of the first few
};
LookSummary summarise_looks(const std::vector<GroundingRun>& runs);

}  // namespace lmc::report
