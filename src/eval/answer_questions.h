// Puts questions to a model and hands its answers on in order.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "eval/engine_predictor.h"  // EnginePredictor
#include "record/answer.h"          // Answer
#include "record/question.h"        // Question

namespace lmc::eval {

// A question and its place among all of the evaluation, which names its random streams.
struct PlacedQuestion {
  const record::Question* question = nullptr;
  uint64_t index = 0;
};

// An answer to every question, in order, each as soon as it and all before it are there; `batch`
// questions run together. A question whose image cannot be read, or whose prompt is too long, gets
// an answer that says so.
// Errors: those of the engine; Interrupted after a stop was asked for.
void answer_questions(const EnginePredictor& predictor, std::span<const PlacedQuestion> questions,
                      int64_t batch, const std::function<void(record::Answer)>& on_answer);

}  // namespace lmc::eval
