#include "eval/answer_agreement.h"

#include <functional>
#include <numeric>

#include "base/check.h"               // LMC_CHECK
#include "eval/engine_predictor.h"    // EnginePredictor
#include "eval/evaluation_prompts.h"  // EvaluationPrompts

namespace lmc::eval {

std::vector<record::Answer> answers_of(infer::Engine& engine, const prompt::Processor& processor,
                                       std::span<const record::Question> questions,
                                       const PredictionOptions& options, int64_t batch,
                                       const std::string& flag) {
  std::vector<record::Answer> answers;
  const std::function<void(record::Answer)> on_answer = [&](record::Answer answer) {
    answers.push_back(std::move(answer));
  };
  std::vector<uint64_t> indices(questions.size());
  std::iota(indices.begin(), indices.end(), uint64_t{0});
  EvaluationPrompts prompts(questions, indices, on_answer);
  EnginePredictor(engine, processor, options, batch, flag).answer(prompts, 0);
  return answers;
}

AnswerAgreement agreement_of(std::span<const record::Answer> first,
                             std::span<const record::Answer> second) {
  LMC_CHECK(first.size() == second.size(), "answers to other questions");
  AnswerAgreement agreement;
  agreement.right.total = std::ssize(first);
  for (size_t i = 0; i < first.size(); ++i) {
    LMC_CHECK(first[i].question_id == second[i].question_id, "answers to other questions");
    const bool first_right = is_right(first[i]), second_right = is_right(second[i]);
    agreement.same_letter += first[i].letter == second[i].letter ? 1 : 0;
    agreement.first_right += first_right ? 1 : 0;
    agreement.second_right += second_right ? 1 : 0;
    agreement.right.only_first += first_right && !second_right ? 1 : 0;
    agreement.right.only_second += second_right && !first_right ? 1 : 0;
  }
  return agreement;
}

}  // namespace lmc::eval
