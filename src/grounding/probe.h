// Puts questions to a model under the conditions of a grounding run.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "grounding/condition.h"  // Ask
#include "infer/engine.h"         // Engine
#include "infer/sampling.h"       // SamplingOptions
#include "prompt/processor.h"     // Processor
#include "record/probe.h"         // ProbeAnswer
#include "record/question.h"      // Question

namespace lmc::grounding {

// How a model is asked. By default the letters are compared where the shortest reply has its
// letter, which takes one reading of the prompt; with reasoning the model replies and its letter is
// read.
struct ProbeOptions {
  bool with_reasoning = false;
  uint64_t seed = 0;
  int64_t batch = 32;  // asks that run together
  infer::SamplingOptions sampling;
};

// One answer an ask, in order. Ask i draws its reply from the random stream `first_index` + i. An
// ask whose picture cannot be read, or whose prompt is too long, gets an answer that says so.
// Errors: InputError when letters cannot be compared; Interrupted after a stop was asked for.
void probe(infer::Engine& engine, const prompt::Processor& processor,
           std::span<const record::Question> questions, std::span<const Ask> asks,
           uint64_t first_index, const ProbeOptions& options,
           const std::function<void(record::ProbeAnswer)>& on_answer);

}  // namespace lmc::grounding
