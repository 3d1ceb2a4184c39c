// An engine without a model, for tests: a function gives the logits of every next token.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "infer/engine.h"  // Engine

namespace lmc::infer {

class FakeEngine : public Engine {
 public:
  // [V], the logits of the token that follows `prompt` and the tokens stepped after it.
  using NextLogits = std::function<std::vector<float>(const prompt::ModelInput& prompt,
                                                      std::span<const int32_t> stepped)>;
  // The tokens of the reply to a prompt, its end token included; the last one repeats for ever.
  using Script = std::function<std::vector<int32_t>(const prompt::ModelInput& prompt)>;

  FakeEngine(int64_t vocab_size, NextLogits next_logits);
  FakeEngine(int64_t vocab_size, const Script& script);

  EngineInfo info() const override { return info_; }
  std::unique_ptr<Session> prefill(std::span<const prompt::ModelInput> rows) override;

  void set_max_positions(int64_t positions) { info_.max_positions = positions; }

  // What was asked of it: every prompt, and the rows of every prefill and step.
  const std::vector<prompt::ModelInput>& prompts() const { return prompts_; }
  const std::vector<int64_t>& rows_per_prefill() const { return rows_per_prefill_; }
  const std::vector<int64_t>& rows_per_step() const { return rows_per_step_; }

 private:
  class FakeSession;

  EngineInfo info_;
  NextLogits next_logits_;
  std::vector<prompt::ModelInput> prompts_;
  std::vector<int64_t> rows_per_prefill_;
  std::vector<int64_t> rows_per_step_;
};

// Logits that make one token far likelier than the others: 20 against 0.
std::vector<float> logits_of(int64_t vocab_size, int32_t token);

}  // namespace lmc::infer
