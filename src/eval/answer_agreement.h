// Whether two engines of one model answer alike: the same questions put to both.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "eval/predictor.h"     // PredictionOptions
#include "infer/engine.h"       // Engine
#include "prompt/processor.h"   // Processor
#include "record/answer.h"      // Answer
#include "record/question.h"    // Question
#include "stats/equivalence.h"  // PairedCounts

namespace lmc::eval {

// An engine's answers, in the questions' order; nothing is written. `flag` starts the error line
// when letters cannot be compared.
std::vector<record::Answer> answers_of(infer::Engine& engine, const prompt::Processor& processor,
                                       std::span<const record::Question> questions,
                                       const PredictionOptions& options, int64_t batch,
                                       const std::string& flag);

// The prompts of questions with their images; those whose image cannot be read are left out.
std::vector<prompt::ModelInput> inputs_of(const prompt::Processor& processor,
                                          std::span<const record::Question> questions,
                                          prompt::ReplyStyle style);

struct AnswerAgreement {
  int64_t same_letter = 0;  // both without one count as the same
  int64_t first_right = 0, second_right = 0;
  stats::PairedCounts right;
};

// Of answers to the same questions in the same order.
AnswerAgreement agreement_of(std::span<const record::Answer> first,
                             std::span<const record::Answer> second);

}  // namespace lmc::eval
