// Puts questions to a model under the conditions of a grounding run, a block at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "grounding/condition.h"  // Ask
#include "infer/generate.h"       // Engine, SamplingOptions
#include "prompt/processor.h"     // Processor
#include "prompt/question.h"      // ReplyStyle
#include "record/probe.h"         // ProbeAnswer
#include "record/question.h"      // Question

namespace lmc::grounding {

// How a model is asked. By default the letters are compared where the shortest reply has its
// letter, which takes one prefill; with reasoning the model replies and its letter is read.
struct ProbeOptions {
  bool with_reasoning = false;
  uint64_t seed = 0;
  infer::SamplingOptions sampling;

  prompt::ReplyStyle style() const {
    return with_reasoning ? prompt::ReplyStyle::kReasoningThenAnswer
                          : prompt::ReplyStyle::kAnswerOnly;
  }
};

// One answer an ask, in order. Ask i draws its reply from the random stream `first_index` + i. An
// ask whose picture cannot be read, or whose prompt is too long, gets an answer that says so.
std::vector<record::ProbeAnswer> probe_block(infer::Engine& engine,
                                             const prompt::Processor& processor,
                                             std::span<const record::Question> questions,
                                             std::span<const Ask> asks, uint64_t first_index,
                                             const ProbeOptions& options);

}  // namespace lmc::grounding
