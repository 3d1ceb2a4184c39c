// A grounding run's folder, as far as the report shows it.
#pragma once

#include <string>
#include <vector>

#include "record/grounding.h"          // GroundingResult
#include "record/probe.h"              // ProbeAnswer, OcclusionMap
#include "record/sentence_evidence.h"  // ReplyEvidence

namespace lmc::report {

struct GroundingRun {
  record::GroundingResult result;
  std::vector<record::ProbeAnswer> answers;
  std::vector<record::OcclusionMap> maps;  // those that could be made
  std::vector<record::ReplyEvidence> sentences = {};
  std::string trained_with_captions = {};  // "yes", "no"; empty: not known
  size_t series = 0;                       // its colour: that of the evaluated run of its name
};

// Whether the folder's result.json is one of `litemedcot ground`.
bool is_grounding_folder(const std::string& folder);

// Errors: InputError for files that are missing or wrong.
GroundingRun read_grounding_run(const std::string& folder);

// "grey", "shuffled 2", "rotation by 1": a condition and which of its kind.
std::string condition_label(const std::string& condition, int64_t variant);

}  // namespace lmc::report
