#include "train/training_pass.h"

#include <ATen/Context.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <numeric>

namespace lmc::train {

namespace {

int64_t count_targets(const prompt::ModelInput& sample) {
  return std::accumulate(sample.is_target.begin(), sample.is_target.end(), int64_t{0});
}

}  // namespace

std::vector<std::vector<size_t>> cut_into_passes(std::span<const prompt::ModelInput> samples,
                                                 int64_t tokens_per_pass) {
  std::vector<size_t> order(samples.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return samples[a].ids.size() > samples[b].ids.size();
  });
  std::vector<std::vector<size_t>> passes;
  int64_t filled = tokens_per_pass;
  for (const size_t index : order) {
    const auto length = static_cast<int64_t>(samples[index].ids.size());
    if (passes.empty() || filled + length > tokens_per_pass) {
      passes.emplace_back();
      filled = 0;
    }
    passes.back().push_back(index);
    filled += length;
  }
  return passes;
}

torch::Tensor reply_loss(const model::Qwen3Vl& model, const torch::Tensor& hidden_NH,
                         std::span<const prompt::ModelInput> samples) {
  std::vector<int64_t> places, targets;
  int64_t begin = 0;
  for (const prompt::ModelInput& sample : samples) {
    for (size_t i = 1; i < sample.ids.size(); ++i) {
      if (sample.is_target[i] == 0) continue;
      places.push_back(begin + static_cast<int64_t>(i) - 1);
      targets.push_back(sample.ids[i]);
    }
    begin += static_cast<int64_t>(sample.ids.size());
  }
  const auto device = hidden_NH.device();
  const auto rows = hidden_NH.index_select(0, at::tensor(places, torch::kInt64).to(device));
  return at::cross_entropy_loss(model.logits(rows).to(torch::kFloat32),
                                at::tensor(targets, torch::kInt64).to(device), {},
                                at::Reduction::Sum);
}

StepLoss accumulate_gradients(model::Qwen3Vl& model, const std::vector<prompt::ModelInput>& samples,
                              int64_t tokens_per_pass, uint64_t seed) {
  StepLoss step;
  for (const prompt::ModelInput& sample : samples) {
    step.target_tokens += count_targets(sample);
    step.tokens += static_cast<int64_t>(sample.ids.size());
  }
  if (step.target_tokens == 0) return step;
  at::manual_seed(seed);
  for (const std::vector<size_t>& pass : cut_into_passes(samples, tokens_per_pass)) {
    std::vector<prompt::ModelInput> rows;
    for (const size_t index : pass) rows.push_back(samples[index]);
    const auto batch = model::Batch::from_inputs(rows, model.device());
    const auto loss =
        reply_loss(model, model.hidden_NH(batch), rows) / static_cast<double>(step.target_tokens);
    loss.backward();
    step.mean += loss.item<double>();
  }
  return step;
}

}  // namespace lmc::train
