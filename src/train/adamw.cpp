#include "train/adamw.h"

#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"  // LMC_CHECK
#include "model/lora.h"  // lora_pairs

namespace lmc::train {

std::vector<Parameter> lora_parameters(model::Qwen3Vl& model) {
  std::vector<Parameter> parameters;
  for (const auto& [path, pair] : model::lora_pairs(model)) {
    for (const auto& [name, tensor] : model::named_tensors(path, *pair)) {
      parameters.push_back({name, tensor.requires_grad_(true)});
    }
  }
  return parameters;
}

std::vector<Parameter> all_parameters(model::Qwen3Vl& model) {
  LMC_CHECK(model.dtype() == torch::kFloat32, "full training needs f32 weights");
  std::vector<Parameter> parameters;
  for (const auto& [name, slot] : model.tensors()) {
    *slot = slot->detach().clone().requires_grad_(true);
    parameters.push_back({name, *slot});
  }
  return parameters;
}

double schedule_factor(Schedule schedule, int64_t step, int64_t warmup_steps, int64_t total_steps) {
  if (step < warmup_steps) return static_cast<double>(step) / static_cast<double>(warmup_steps);
  if (schedule == Schedule::kConstant) return 1;
  const double share = static_cast<double>(step - warmup_steps) /
                       static_cast<double>(std::max<int64_t>(1, total_steps - warmup_steps));
  if (schedule == Schedule::kLinear) return std::max(0.0, 1 - share);
  return std::max(0.0, 0.5 * (1 + std::cos(std::numbers::pi * share)));
}

AdamW::AdamW(std::vector<Parameter> parameters, const TrainOptions& options)
    : parameters_(std::move(parameters)),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon),
      weight_decay_(options.weight_decay) {
  for (const Parameter& parameter : parameters_) {
    first_moments_.push_back(at::zeros_like(parameter.value.detach()));
    second_moments_.push_back(at::zeros_like(parameter.value.detach()));
  }
}

double AdamW::clip_gradients(double limit) {
  const c10::NoGradGuard no_grad;
  std::vector<torch::Tensor> norms;
  for (const Parameter& parameter : parameters_) {
    if (parameter.value.grad().defined()) {
      norms.push_back(at::linalg_vector_norm(parameter.value.grad()));
    }
  }
  if (norms.empty()) return 0;
  const double norm = at::linalg_vector_norm(at::stack(norms)).item<double>();
  const double factor = limit / (norm + 1e-6);
  if (limit > 0 && factor < 1) {
    for (const Parameter& parameter : parameters_) {
      if (parameter.value.grad().defined()) parameter.value.mutable_grad().mul_(factor);
    }
  }
  return norm;
}

void AdamW::step(double learning_rate) {
  const c10::NoGradGuard no_grad;
  ++steps_done_;
  // Matrices decay, vectors (norms and biases) do not: two calls.
  for (const bool is_matrix : {true, false}) {
    std::vector<torch::Tensor> values, gradients, first, second, steps;
    for (size_t i = 0; i < parameters_.size(); ++i) {
      const torch::Tensor& value = parameters_[i].value;
      if ((value.dim() >= 2) != is_matrix || !value.grad().defined()) continue;
      values.push_back(value.detach());
      gradients.push_back(value.grad());
      first.push_back(first_moments_[i]);
      second.push_back(second_moments_[i]);
      // The kernel counts from the step that it performs.
      steps.push_back(
          at::tensor(static_cast<float>(steps_done_), value.options().requires_grad(false)));
    }
    if (values.empty()) continue;
    at::_fused_adamw_(values, gradients, first, second, {}, steps, learning_rate, beta1_, beta2_,
                      is_matrix ? weight_decay_ : 0.0, epsilon_, false, false);
  }
}

bool AdamW::values_are_finite() const {
  const c10::NoGradGuard no_grad;
  // The largest magnitude; NaN where one is among them.
  return std::all_of(parameters_.begin(), parameters_.end(), [](const Parameter& parameter) {
    const auto& value = parameter.value;
    return value.numel() == 0 ||
           std::isfinite(at::linalg_vector_norm(value, INFINITY).item<double>());
  });
}

void AdamW::zero_gradients() {
  for (Parameter& parameter : parameters_) parameter.value.mutable_grad() = torch::Tensor();
}

}  // namespace lmc::train
