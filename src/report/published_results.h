// Published accuracies on PMC-VQA, each with where it stands and the track it is of.
//
// Detail: the test files of PMC-VQA share almost no question, so a result says nothing about a run
// on another track. Where a paper does not name its file, its track is one of its own here, which
// no run has.
// Source: read in 2026; `source` says where, and whether it was only quoted by others. Results
// that were remembered but not found are left out.
#pragma once

#include <array>
#include <span>
#include <string>

#include "record/result.h"     // Comparison
#include "report/run_track.h"  // RunTrack
#include "report/tables.h"     // Table

namespace lmc::report {

struct PublishedResult {
  const char* model;
  const char* track;  // as in `prepare --track`, or words that are no track's name
  double accuracy;
  const char* source;
};

std::span<const PublishedResult> published_results();

// Where on the page the accuracies of runs of the same track lie to each result; "published".
Table published_table(const record::Comparison& comparison, const std::vector<RunTrack>& tracks);

}  // namespace lmc::report
