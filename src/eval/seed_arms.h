// What the metrics of an arm with several seeds are, and how it stands to others.
#pragma once

#include <span>
#include <vector>

#include "eval/arm_runs.h"  // ArmRuns
#include "record/answer.h"  // Answer
#include "record/result.h"  // Comparison

namespace lmc::eval {

// Adds seed_arms and arm_pairs to a comparison that has its runs. `answers` are of each run.
// Errors: InputError when the runs of an arm answered different questions.
void add_seed_arms(std::span<const ArmRuns> arms,
                   std::span<const std::vector<record::Answer>> answers,
                   record::Comparison& comparison);

}  // namespace lmc::eval
