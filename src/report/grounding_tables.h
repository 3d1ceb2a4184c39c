// The tables of grounding runs.
#pragma once

#include <vector>

#include "report/grounding_run.h"
#include "report/tables.h"  // Table

namespace lmc::report {

Table conditions_table(const std::vector<GroundingRun>& runs);

// Accuracy with and without a caption in the prompt, beside whether training had captions: of two
// runs, the two by two of captions. Rows: runs that were asked with captions.
Table captions_table(const std::vector<GroundingRun>& runs);

// A row a metric and a column a run, for the page: what stands beside each other can be compared.
Table metrics_by_run(const std::vector<GroundingRun>& runs, const char* caption,
                     std::vector<record::GroundingMetric> record::GroundingResult::*metrics);

// Each metric with its formula and where that is defined.
Table grounding_metrics_table(const std::vector<GroundingRun>& runs);
Table map_metrics_table(const std::vector<GroundingRun>& runs);
Table sentence_metrics_table(const std::vector<GroundingRun>& runs);
Table faithfulness_table(const std::vector<GroundingRun>& runs);

}  // namespace lmc::report
