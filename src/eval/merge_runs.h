// The shards of an evaluation as one run.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "record/result.h"  // Result

namespace lmc::eval {

// Writes manifest.json, answers.jsonl and result.json of the whole into the new folder `out`; the
// answers have the bytes that a run without shards would have written. `questions`: their file;
// empty: where the shards found it. Says how many answers stood in several shards.
// Errors: InputError when the shards were made with other options or inputs, when two give other
// answers to a question, and when questions are left without one (their number, the first, and
// which shards are missing).
record::Result merge_runs(const std::vector<std::string>& folders, const std::string& questions,
                          const std::string& out, std::ostream& notes);

}  // namespace lmc::eval
