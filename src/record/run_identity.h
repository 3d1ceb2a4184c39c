// What decides the lines of a run, so that one that was stopped goes on only as it began.
//
// Of the options all but those that are named; of the inputs what they hold, not where they lie.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"        // Json
#include "record/manifest.h"  // Manifest

namespace lmc::record {

// Names of options that decide no line.
using FreeOptions = std::vector<std::string>;

// Those of every run that answers questions: where it writes, what it is called, how the model is
// reached, how many threads compute.
const FreeOptions& free_run_options();

// {"options", "inputs"}: the options that decide, and the hashes of the inputs in their order. An
// option that names an input is left out.
Json run_identity(const Manifest& manifest, const FreeOptions& free);

// Whether an input holds what it held when a manifest was written. Folders were once hashed with
// every file in them; such a hash still counts.
bool has_same_content(const ManifestInput& recorded, const ManifestInput& asked);

// In what two runs differ, for an error line: "limit was 5, is 10; the content of q.jsonl".
// Empty: one can go on with the other.
std::string run_difference(const Manifest& recorded, const Manifest& asked,
                           const FreeOptions& free);

}  // namespace lmc::record
