#include "eval/answer_agreement.h"

#include <functional>
#include <numeric>

#include "base/check.h"               // LMC_CHECK
#include "eval/engine_predictor.h"    // EnginePredictor
#include "eval/evaluation_prompts.h"  // EvaluationPrompts
#include "eval/question_prompt.h"     // question_input

namespace lmc::eval {

namespace {

std::vector<uint64_t> first_indices(size_t count) {
  std::vector<uint64_t> indices(count);
  std::iota(indices.begin(), indices.end(), uint64_t{0});
  return indices;
}

}  // namespace

std::vector<record::Answer> answers_of(infer::Engine& engine, const prompt::Processor& processor,
                                       std::span<const record::Question> questions,
                                       const PredictionOptions& options, int64_t batch,
                                       const std::string& flag) {
  std::vector<record::Answer> answers;
  const std::function<void(record::Answer)> on_answer = [&](record::Answer answer) {
    answers.push_back(std::move(answer));
  };
  const std::vector<uint64_t> indices = first_indices(questions.size());
  EvaluationPrompts prompts(questions, indices, on_answer);
  EnginePredictor(engine, processor, options, batch, flag).answer(prompts, 0);
  return answers;
}

std::vector<prompt::ModelInput> inputs_of(const prompt::Processor& processor,
                                          std::span<const record::Question> questions,
                                          prompt::ReplyStyle style) {
  const std::vector<uint64_t> indices = first_indices(questions.size());
  const std::function<void(record::Answer)> on_answer = [](const record::Answer&) {};
  EvaluationPrompts prompts(questions, indices, on_answer);
  const std::vector<ShownImage> images =
      prompts.images(0, questions.size(), processor.preprocess_options());
  std::vector<prompt::ModelInput> inputs;
  for (size_t i = 0; i < questions.size(); ++i) {
    if (!images[i].problem.empty()) continue;
    const record::Question shown = prompts.shown(i);
    inputs.push_back(question_input(shown, images[i].image ? &*images[i].image : nullptr,
                                    shown.caption, processor, style));
  }
  return inputs;
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
