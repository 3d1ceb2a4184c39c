// The loss over the tokens to learn, without the logits of a whole batch ever in memory.
//
// Cross-entropy with the written token, or, where the teacher's likeliest tokens are known and
// their share is above 0, that much of the divergence KL(teacher || student) over those tokens and
// one class for all others. Rows go through the output head in chunks; the gradient of each chunk
// is made while its logits are there.
// Letters: M rows to learn from, N tokens, H hidden width, V vocabulary.
// Source: Hsu et al., "Liger Kernel", 2024 (the fusing); Hinton et al., "Distilling the knowledge
// in a neural network", 2015 (the share).
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>

#include "model/shared_prefix.h"   // SharedPrefix
#include "train/training_input.h"  // TrainingInput

namespace lmc::train {

struct ReplyLossOptions {
  int64_t rows_per_chunk = 256;  // 0: all rows at once, by plain autograd (to compare with)
  double distillation_weight = 0;
};

// Sum over the tokens of packed samples, each times its weight; nats, f32. `head_VH` takes a
// gradient where it requires one. `shared` null: the stream holds whole samples.
torch::Tensor reply_loss(const torch::Tensor& hidden_NH, const torch::Tensor& head_VH,
                         std::span<const TrainingInput* const> samples,
                         const ReplyLossOptions& options,
                         const model::SharedPrefix* shared = nullptr);

}  // namespace lmc::train
