// The stage `report`: evaluated runs as one HTML page that needs nothing but itself.
//
// Writes `out` (the page) and, in its folder, result.json: the figures of all runs and pairs as
// numbers. Statistics are not computed here: they come in as a record::Comparison.
// Errors: InputError for files that are missing or wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"      // Field
#include "record/answer.h"    // Answer
#include "record/question.h"  // Question
#include "record/result.h"    // Comparison
#include "report/training_curve.h"

namespace lmc::report {

struct ReportOptions {
  std::vector<std::string> runs;
  std::string questions;
  std::vector<std::string> metrics;
  std::string out;
  std::string title = "Medical visual question answering: evaluation report";
  std::string notice = "Research use only. Nothing here is a diagnosis.";
  int64_t examples = 16;

  std::vector<Field> fields();
};

// Everything the page shows.
struct ReportData {
  std::string title;
  std::string notice;
  record::Comparison comparison;
  std::vector<std::vector<record::Answer>> answers_by_run;  // in the order of comparison.runs
  std::vector<Json> manifest_by_run;                        // null: none
  std::vector<record::Question> questions;
  std::vector<TrainingCurve> curves;
  size_t num_examples = 0;
};

std::string report_page(const ReportData& data);

// `comparison` is that of options.runs, in their order.
void write_report(const ReportOptions& options, const record::Comparison& comparison);

}  // namespace lmc::report
