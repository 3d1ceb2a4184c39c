// What is trained, and the optimiser: AdamW with decoupled weight decay, gradient clipping and a
// learning-rate schedule.
//
// Mirrors: torch.optim.AdamW (fused), torch.nn.utils.clip_grad_norm_, and the schedules of
//          transformers/optimization.py.
// Source:  Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "model/qwen3_vl.h"       // Qwen3Vl
#include "train/train_options.h"  // TrainOptions

namespace lmc::train {

// A trained tensor under its name in the output file. `value` is the leaf that the model reads.
struct Parameter {
  std::string name;
  torch::Tensor value;
};

// Both make the tensors leaves that take gradients, in name order. all_parameters replaces weights that lie in the mapped file by copies; they
// must be f32.
std::vector<Parameter> lora_parameters(model::Qwen3Vl& model);
std::vector<Parameter> all_parameters(model::Qwen3Vl& model);

// The factor on the peak learning rate of the step that follows `step` finished ones.
double schedule_factor(Schedule schedule, int64_t step, int64_t warmup_steps, int64_t total_steps);

class AdamW {
 public:
  AdamW(std::vector<Parameter> parameters, const TrainOptions& options);

  const std::vector<Parameter>& parameters() const { return parameters_; }

  // Scales the gradients so that their norm is at most `limit` (0: as they are); returns the norm
  // before.
  double clip_gradients(double limit);
  void step(double learning_rate);
  void zero_gradients();

  bool values_are_finite() const;

  // For checkpoints: the moments in the order of the parameters, and how many steps made them.
  std::vector<torch::Tensor>& first_moments() { return first_moments_; }
  std::vector<torch::Tensor>& second_moments() { return second_moments_; }
  int64_t steps_done() const { return steps_done_; }
  void set_steps_done(int64_t steps) { steps_done_ = steps; }

 private:
  std::vector<Parameter> parameters_;
  std::vector<torch::Tensor> first_moments_, second_moments_;
  double beta1_, beta2_, epsilon_, weight_decay_;
  int64_t steps_done_ = 0;
};

}  // namespace lmc::train
