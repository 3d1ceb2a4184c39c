// A model behind an endpoint as the respondent of `evaluate` and `ground`.
#pragma once

#include <ostream>

#include "eval/evaluate.h"     // Respondent, EvaluateOptions
#include "grounding/ground.h"  // Respondent, GroundOptions
#include "remote/ask.h"        // RemoteOptions

namespace lmc::remote {

// Samples are asked for one by one. The options must outlive the respondent.
// Errors: InputError for a mode that needs more than replies.
eval::Respondent respondent(const RemoteOptions& remote, const eval::EvaluateOptions& options,
                            std::ostream& progress_out);

// Pictures are made as they are sent, at their own size, to the next whole visual token of Qwen3-VL
// and within the budget.
grounding::Respondent respondent(const RemoteOptions& remote,
                                 const grounding::GroundOptions& options,
                                 std::ostream& progress_out);

}  // namespace lmc::remote
