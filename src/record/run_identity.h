// What decides what a run makes, from its manifest: by this a run that goes on, the shards of one
// run and the seeds of one arm are told from other runs.
//
// Of the options those that decide (base/field_identity.h); of the inputs what they hold, not where
// they lie: an option that names an input is left out.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"        // Json
#include "record/manifest.h"  // Manifest

namespace lmc::record {

// The options that decide, by their names, and "inputs", the SHA-256 of every input in the order of
// the manifest. The order of the members counts for nothing.
Json run_identity(const Manifest& manifest);

// Whether an input holds what it held when a manifest was written. Folders were once hashed with
// every file in them; such a hash still counts.
bool has_same_content(const ManifestInput& recorded, const ManifestInput& asked);

// In what two runs differ, for an error line: "limit was 5, is 10; the content of q.jsonl".
// Empty: one can go on with the other. What is free now counts, and `also_free`.
std::string run_difference(const Manifest& recorded, const Manifest& asked,
                           const std::vector<std::string>& also_free = {});

// The same of two identities, as a checkpoint keeps one.
std::string identity_difference(const Json& recorded, const Json& asked);

}  // namespace lmc::record
