// Puts a block of questions to a model, as one batch, and reads its answers.
//
// Nothing of a question reaches the prompt but its picture, its text and its options: no caption.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "infer/generate.h"    // SamplingOptions
#include "prompt/processor.h"  // Processor
#include "prompt/question.h"   // ReplyStyle
#include "record/answer.h"     // Answer
#include "record/question.h"   // Question

namespace lmc::eval {

struct AskOptions {
  prompt::ReplyStyle style = prompt::ReplyStyle::kReasoningThenAnswer;
  // Instead of generating: the letter that the model finds likeliest right after "Answer:", with no
  // reasoning before it.
  bool by_likelihood = false;
  // After generating: the letter that the model finds likeliest after "Answer:" and the reasoning
  // it gave, also where the reply itself was cut before it came to an answer. Its log-probabilities
  // are a confidence. Not together with by_likelihood or several samples.
  bool weighs_letters = false;
  // Replies to each question, of which the commonest letter counts (self-consistency: Wang et al.,
  // ICLR 2023). The prompt is prefilled once.
  int64_t samples = 1;
  infer::SamplingOptions sampling;
};

// One answer a question, in order. Question i draws from the random streams from (`first_index` +
// i) * samples on. A question whose picture cannot be read, or whose prompt is too long, gets an
// answer that says so.
std::vector<record::Answer> answer_block(infer::Engine& engine, const prompt::Processor& processor,
                                         std::span<const record::Question> questions,
                                         uint64_t first_index, const AskOptions& options);

}  // namespace lmc::eval
