// What decides what a run makes, from its manifest: by this a run that goes on, the shards of one
// run and the seeds of one arm are told from other runs.
//
// An identity is a JSON object: the options that decide, by their names, and "inputs", the SHA-256
// of every input in the order of the manifest. The order of the members counts for nothing.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

// The options that decide nothing, as the manifest names them; a manifest from before they were
// named has the ones that its command had then.
std::vector<std::string> free_options_of(const Json& manifest);

// `free`: the options that decide nothing, of the manifest or of one that is to go on.
Json run_identity(const Json& manifest, const std::vector<std::string>& free);

// The same by its own.
Json run_identity(const Json& manifest);

// For an error line; empty: the same work. "limit was 5, is 10; inputs (a file has changed, or
// another is named)".
std::string identity_difference(const Json& recorded, const Json& asked);

}  // namespace lmc::record
