// The sentence evidence for a question's reply, from the files of a run.
#pragma once

#include "grounding/sentence_evidence.h"  // EvidenceOptions
#include "infer/engine.h"                 // Engine
#include "prompt/processor.h"             // Processor
#include "record/answer.h"                // Answer
#include "record/question.h"              // Question

namespace lmc::grounding {

// `real` is the reply to the question with its own image; `other` the question whose image also
// stands in its place, null for none. A question without a reply, or without readable images, gets
// evidence that says so. `options.another` is not used.
record::ReplyEvidence reply_evidence(infer::Engine& engine, const prompt::Processor& processor,
                                     const record::Question& question, const record::Answer& real,
                                     const record::Question* other, EvidenceOptions options);

}  // namespace lmc::grounding
