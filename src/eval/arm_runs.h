// Which runs are one arm with several seeds.
//
// Two runs are of one arm when their manifests, and those of the trainings that made their adapters
// (or whole models), say the same of everything that decides an answer but the seeds. A run whose
// manifest is not there, or whose adapter came without one, is an arm by itself.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"        // Json
#include "record/manifest.h"  // Manifest

namespace lmc::eval {

struct ArmOptions {
  std::vector<std::string> named;  // "NAME=RUN,RUN": arms whatever the manifests say
  bool by_manifest = false;        // find further arms in the manifests
};

// What decides a run's answers, seeds aside; and the seeds, as text.
struct SeedIdentity {
  Json work;
  std::string seeds;
};

// Of the manifest of a run. Follows the options "adapter" and "model" to the manifest of a
// training.
SeedIdentity seed_identity(const record::Manifest& manifest);

// An arm: places in the list of runs, two or more.
struct ArmRuns {
  std::string name;
  std::vector<size_t> runs;
};

// `folders` and `names` are those of all runs; RUN is either.
// Errors: InputError for words that are no arm, a run that is not there or in two arms, and a name
// that is a run's or another arm's.
std::vector<ArmRuns> find_arms(const ArmOptions& options, std::span<const std::string> folders,
                               std::span<const std::string> names);

}  // namespace lmc::eval
