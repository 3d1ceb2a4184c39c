// Forward and backward over one step's samples, in passes that fit in memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/qwen3_vl.h"      // Qwen3Vl
#include "prompt/model_input.h"  // ModelInput

namespace lmc::train {

// How a step's samples go through the model: samples of one pass are packed into one stream,
// longest first, so that neighbours of equal length share an attention call.
std::vector<std::vector<size_t>> cut_into_passes(std::span<const prompt::ModelInput> samples,
                                                 int64_t tokens_per_pass);

// Sum of the cross-entropy over the reply's tokens of packed samples, in nats, f32. Only rows that
// predict a reply token reach the output head.
torch::Tensor reply_loss(const model::Qwen3Vl& model, const torch::Tensor& hidden_NH,
                         std::span<const prompt::ModelInput> samples);

struct StepLoss {
  double mean = 0;            // over the reply's tokens of all samples
  int64_t target_tokens = 0;  // the reply's tokens
  int64_t tokens = 0;         // all tokens that went through the model
};

// Adds the gradient of the mean loss over all reply tokens of the step: passes count by their
// tokens, so the cut into passes changes nothing but rounding. `seed` decides the dropout.
StepLoss accumulate_gradients(model::Qwen3Vl& model, const std::vector<prompt::ModelInput>& samples,
                              int64_t tokens_per_pass, uint64_t seed);

}  // namespace lmc::train
