// A model in this process as the one who answers: prompts of questions in, answers out, through a
// scheduler.
//
// Nothing of a question reaches the prompt but the image, the text and the options it is shown
// with; a caption only where it is shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eval/answer_slot.h"  // AnswerSlot
#include "eval/predictor.h"    // Predictor, PredictionOptions
#include "infer/scheduler.h"   // Scheduler
#include "prompt/processor.h"  // Processor

namespace lmc::eval {

class EnginePredictor : public Predictor {
 public:
  // Engine and processor outlive it. `batch` prompts run together; `flag` starts the error line
  // when letters cannot be compared.
  EnginePredictor(infer::Engine& engine, const prompt::Processor& processor,
                  const PredictionOptions& options, int64_t batch, std::string_view flag);

  void answer(PromptList& prompts, size_t begin) override;

  // `batch` where the engine's results depend on what runs together: only then must the same ones
  // run together again for the same bits.
  size_t block() const override;

 private:
  class Run;

  prompt::ModelInput input(const record::Question& shown, const image::Image* image) const;
  std::string problem(const prompt::ModelInput& input) const;
  void submit(prompt::ModelInput input, const record::Question& shown, uint64_t stream,
              infer::Scheduler& scheduler, record::Answer& answer, uint8_t& is_done) const;
  void weigh_letters(prompt::ModelInput input, const record::Question& shown,
                     infer::Scheduler& scheduler, record::Answer& answer, uint8_t& is_done) const;

  infer::Engine& engine_;
  const prompt::Processor& processor_;
  PredictionOptions options_;
  int64_t batch_;
  std::string flag_;
  AnswerSlot slot_;  // of the shortest reply; empty when replies are generated
};

}  // namespace lmc::eval
