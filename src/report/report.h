// The stage `report`: evaluated runs as one HTML page that needs nothing but itself.
//
// Writes `out` (the page) and, in its folder, result.json: the metrics of all runs and pairs as
// numbers. With `tables`, that folder has the tables as Markdown, CSV and LaTeX. Statistics are not
// computed here: they come in as a record::Comparison.
// Errors: InputError for files that are missing or wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"      // Field
#include "record/answer.h"    // Answer
#include "record/question.h"  // Question
#include "record/result.h"    // Comparison
#include "report/grounding_run.h"
#include "report/provenance.h"  // NamedManifest
#include "report/run_track.h"   // RunTrack
#include "report/tables.h"      // Table
#include "report/training_curve.h"

namespace lmc::report {

struct ReportOptions {
  std::vector<std::string> runs;       // folders of evaluated runs
  std::vector<std::string> grounding;  // folders of grounding runs
  std::string questions;
  std::vector<std::string> metrics;
  std::string out;
  std::string title = "Medical visual question answering: evaluation report";
  std::string notice = "Research use only. Nothing here is a diagnosis.";
  int64_t examples = 16;
  int64_t items = 2000;
  int64_t images = 200;
  int64_t maps = 12;
  bool published = true;
  std::vector<std::string> arms;  // "NAME=RUN,RUN"
  bool group_seeds = true;
  std::string reference;
  std::string tables;

  std::vector<Field> fields();
};

// What was answered under a changed image, question or reasoning.
struct ConditionAnswers {
  std::string name;  // "distilled, image shuffled"
  std::vector<record::Answer> answers;
};

// Everything the page shows.
struct ReportData {
  std::string title;
  std::string notice;
  record::Comparison comparison;
  std::vector<std::vector<record::Answer>> answers_by_run;  // in the order of comparison.runs
  std::vector<RunTrack> track_by_run;
  std::vector<NamedManifest> manifests;
  std::vector<ConditionAnswers> conditions;
  std::vector<GroundingRun> grounding;
  std::vector<record::Question> questions;
  std::vector<TrainingCurve> curves;
  size_t num_examples = 0;
  size_t num_items = 0;        // questions in the list of all of them
  size_t num_images = 0;       // of these, how many with their image
  size_t num_maps = 0;         // heat maps shown of a grounding run
  bool published = true;       // show published results
  std::string reference = {};  // name of what the others are compared with; empty: chosen
};

std::string report_page(const ReportData& data);

// The tables of the page that have a row.
std::vector<Table> report_tables(const ReportData& data);

// Moves folders of grounding runs from `runs` to `grounding`, so that a user need not tell them
// apart.
void sort_runs(ReportOptions& options);

// `comparison` is that of options.runs, in their order; none of them is a grounding run.
void write_report(const ReportOptions& options, const record::Comparison& comparison);

}  // namespace lmc::report
