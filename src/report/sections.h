// The sections of the page, in its order. Each shows records as they are; one without anything to
// show has an empty body and is left out, its link too.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "report/report.h"  // ReportData

namespace lmc::report {

struct Section {
  std::string id;     // what links point at
  std::string title;  // plain text
  std::string body;   // HTML; empty: nothing to show
};

Section findings_section(const ReportData& data);
Section maps_section(const ReportData& data);
Section results_section(const ReportData& data);
Section pairs_section(const ReportData& data);
Section published_section(const ReportData& data);
Section letters_section(const ReportData& data);
Section extractors_section(const ReportData& data);
Section groups_section(const ReportData& data);
Section confidence_section(const ReportData& data);
Section grounding_section(const ReportData& data);
Section training_section(const ReportData& data);
Section examples_section(const ReportData& data);
Section items_section(const ReportData& data);
Section checklist_section(const ReportData& data);
Section manifests_section(const ReportData& data);

// The answers of grounding runs as sets for the list of questions, one a condition.
std::vector<ConditionAnswers> condition_answers(const std::vector<GroundingRun>& runs);

// The runs' names beside the marks of their series; only those in `shown`, or all if it is empty.
std::string runs_legend(const record::Comparison& comparison, const std::set<size_t>& shown = {});

// A drawing with its words above; empty without a drawing.
std::string chart_figure(const std::string& caption, const std::string& chart);

// A paragraph of explanation. `text` is plain.
std::string note(const std::string& text);

}  // namespace lmc::report
