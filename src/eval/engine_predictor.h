// Who answers, when it is a model in this process: prompts of questions in, answers out, through a
// scheduler. Evaluation and grounding ask through it.
//
// Nothing of a question reaches the prompt but the image, the text and the options it is shown
// with; a caption only where a condition asks for one.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "eval/answer_slot.h"  // AnswerSlot
#include "infer/scheduler.h"   // Scheduler, SamplingOptions
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
  // ICLR 2023). The prompt is read once.
  int64_t samples = 1;
  infer::SamplingOptions sampling;
};

// Questions that must run through one scheduler for a result that is the same bits however often the
// run is killed: `batch` of them where the engine's results depend on what runs together, else
// `independent`.
size_t questions_together(const infer::EngineInfo& info, int64_t batch, size_t independent);

class EnginePredictor {
 public:
  // `letters` are those of all questions; `flag` starts the error line when they cannot be
  // compared.
  EnginePredictor(infer::Engine& engine, const prompt::Processor& processor,
                  const AskOptions& options, const std::set<char>& letters, std::string_view flag);

  // The prompt of a question as it is shown; a null picture: none.
  // Threads: any.
  prompt::ModelInput prompt(const record::Question& shown, const image::Image* picture,
                            const std::string& caption) const;
  // Why the model cannot take it. Empty: it can.
  // Threads: any.
  std::string problem(const prompt::ModelInput& prompt) const;

  // Later sets what `answer` says of the reply, then `is_done`. Replies draw from the random
  // streams from `index` * samples on. All but the prompt outlive the request.
  void submit(prompt::ModelInput prompt, const record::Question& shown, uint64_t index,
              infer::Scheduler& scheduler, record::Answer& answer, uint8_t& is_done) const;

  // For schedulers of this predictor's requests; `batch` questions run together.
  infer::SchedulerOptions scheduler_options(int64_t batch) const;
  infer::Engine& engine() const { return engine_; }
  const prompt::Processor& processor() const { return processor_; }

 private:
  void weigh_letters(prompt::ModelInput prompt, const record::Question& shown,
                     infer::Scheduler& scheduler, record::Answer& answer, uint8_t& is_done) const;

  infer::Engine& engine_;
  const prompt::Processor& processor_;
  AskOptions options_;
  AnswerSlot slot_;  // of the shortest reply; empty when replies are generated
};

}  // namespace lmc::eval
