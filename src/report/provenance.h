// The manifests of everything that led to the runs of a report: the runs themselves, the training
// of their adapters, the explanations learnt from, and the questions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"        // Json
#include "record/manifest.h"  // Manifest

namespace lmc::report {

struct NamedManifest {
  std::string name;  // "run: distilled", "train: adapter", "teach: ledger.jsonl", "prepare: test"
  std::string path;
  std::optional<record::Manifest> manifest = {};  // none: not there
  Json result = Json();  // the result.json beside it, of train and prepare; null: none
};

// Follows the paths that stand in the manifests, as far as they are there: a run's adapter and
// questions, an adapter's explanations and questions. Each manifest once, runs first.
// `folders`: further ones whose manifests belong to the report, such as those of training runs.
std::vector<NamedManifest> manifests_behind(const std::vector<std::string>& run_folders,
                                            const std::vector<std::string>& run_names,
                                            const std::vector<std::string>& folders);

}  // namespace lmc::report
