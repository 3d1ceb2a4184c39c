// What the records say, as tables: the same ones on the page and in the files beside it. Columns
// that no run has metrics for are left out; nothing is computed here but shares of counts.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "record/result.h"      // Comparison
#include "report/contenders.h"  // QuestionSet
#include "report/tables.h"      // Table

namespace lmc::report {

Table results_table(const record::Comparison& comparison);

// Accuracy beside the letters' shares, and with the questions of an image group kept together.
Table accuracy_table(const record::Comparison& comparison);

// Earlier records lack all but counts and the exact test.
Table pairs_table(const record::Comparison& comparison);

// Each arm with several seeds; and each pair of arms of which one has.
Table seeds_table(const record::Comparison& comparison);
Table arm_pairs_table(const record::Comparison& comparison);

// The others of a set against its reference, with all metrics of a pair; and all pairs of runs as a
// square: the row's accuracy less the column's. Both are for the page.
Table against_reference_table(const record::Comparison& comparison, const QuestionSet& set);
Table pairs_square(const record::Comparison& comparison);

Table letters_table(const record::Comparison& comparison);
Table extractors_table(const record::Comparison& comparison);
// The accuracies alone, a column an extractor.
Table extractors_overview(const record::Comparison& comparison);

// Kind of group -> group -> the share of each run that has it. Splits and sources are kinds too,
// where a run has several.
using Groups = std::map<std::string,
                        std::map<std::string, std::vector<std::pair<size_t, record::Proportion>>>>;
Groups groups_of(const record::Comparison& comparison);
Table groups_table(const record::Comparison& comparison);

Table confidence_table(const record::Comparison& comparison);
Table reliability_table(const record::Comparison& comparison);
Table promises_table(const record::Comparison& comparison);
Table prediction_sets_table(const record::Comparison& comparison);

// What the tables of runs share: the first column, "name" with the mark of its series before it;
// and "5 of 8".
inline const Column kRun = {"run", {"run"}, true};
Cell run_cell(const std::string& name, size_t series);
Cell proportion_cell(const record::Proportion& share);

// Takes out the columns in which no row has a metric, but for the first.
void drop_empty_columns(Table& table);

}  // namespace lmc::report
