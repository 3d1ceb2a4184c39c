#include "train/training_pass.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <numeric>

#include "base/random.h"  // Random
#include "model/lora.h"   // lora_pairs

namespace lmc::train {

namespace {

int64_t length_of(const TrainingInput& sample) {
  return static_cast<int64_t>(sample.input.ids.size());
}

void count(const TrainingInput& sample, StepLoss& step) {
  step.tokens += length_of(sample);
  for (const float weight : sample.weights) {
    step.weight += weight;
    step.target_tokens += weight > 0 ? 1 : 0;
  }
}

model::Batch batch_of(const std::vector<const TrainingInput*>& rows,
                      const PictureFeatures& features, torch::Device device) {
  std::vector<const prompt::ModelInput*> inputs;
  for (const TrainingInput* row : rows) inputs.push_back(&row->input);
  model::Batch batch = model::Batch::from_inputs(inputs, device);
  if (!features) return batch;
  batch.pixel_values_PF.reset();
  std::vector<const image::PatchGrid*> seen;
  for (const prompt::ModelInput* input : inputs) {
    for (const auto& picture : input->images) {
      if (std::find(seen.begin(), seen.end(), picture.get()) != seen.end()) continue;
      seen.push_back(picture.get());
      batch.features.push_back(features(picture));
    }
  }
  return batch;
}

torch::Tensor pass_loss(model::Qwen3Vl& model, const std::vector<const TrainingInput*>& rows,
                        const PassOptions& options) {
  const auto batch = batch_of(rows, options.features, model.device());
  return reply_loss(model.hidden_NH(batch), model.head_VH(), rows, options.loss);
}

void for_each_pass(std::span<const TrainingInput> samples, const PassOptions& options,
                   const std::function<void(const std::vector<const TrainingInput*>&)>& visit) {
  for (const std::vector<size_t>& pass : cut_into_passes(samples, options)) {
    std::vector<const TrainingInput*> rows;
    for (const size_t index : pass) rows.push_back(&samples[index]);
    visit(rows);
  }
}

}  // namespace

std::vector<std::vector<size_t>> cut_into_passes(std::span<const TrainingInput> samples,
                                                 const PassOptions& options) {
  std::vector<size_t> order(samples.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return length_of(samples[a]) > length_of(samples[b]);
  });
  std::vector<std::vector<size_t>> passes;
  int64_t filled = 0;
  for (const size_t index : order) {
    const int64_t length = length_of(samples[index]);
    if (passes.empty() || !options.packed || filled + length > options.tokens_per_pass) {
      passes.emplace_back();
      filled = 0;
    }
    passes.back().push_back(index);
    filled += length;
  }
  return passes;
}

double total_weight(std::span<const TrainingInput> samples) {
  StepLoss step;
  for (const TrainingInput& sample : samples) count(sample, step);
  return step.weight;
}

StepLoss accumulate_gradients(model::Qwen3Vl& model, std::span<const TrainingInput> samples,
                              const PassOptions& options, double divisor, uint64_t seed) {
  StepLoss step;
  for (const TrainingInput& sample : samples) count(sample, step);
  if (divisor == 0) return step;
  const auto pairs = model::lora_pairs(model);
  model.set_recompute(options.recompute);
  uint64_t pass = 0;
  for_each_pass(samples, options, [&](const std::vector<const TrainingInput*>& rows) {
    for (const auto& [path, pair] : pairs) {
      if (pair->dropout > 0) pair->dropout_seed = Random::named(seed, path, pass).next_bits();
    }
    const auto loss = pass_loss(model, rows, options);
    // A pass with nothing to learn from has no graph.
    if (loss.requires_grad()) (loss / divisor).backward();
    step.sum += loss.item<double>();
    ++pass;
  });
  return step;
}

StepLoss measure_loss(model::Qwen3Vl& model, std::span<const TrainingInput> samples,
                      const PassOptions& options) {
  const c10::NoGradGuard no_grad;
  const auto pairs = model::lora_pairs(model);
  for (const auto& [path, pair] : pairs) pair->training = false;
  StepLoss step;
  for (const TrainingInput& sample : samples) count(sample, step);
  for_each_pass(samples, options, [&](const std::vector<const TrainingInput*>& rows) {
    step.sum += pass_loss(model, rows, options).item<double>();
  });
  for (const auto& [path, pair] : pairs) pair->training = true;
  return step;
}

bool trains_vision(model::Qwen3Vl& model) {
  const auto is_vision = [](const std::string& name) { return name.starts_with("model.visual."); };
  for (const auto& [path, pair] : model::lora_pairs(model)) {
    if (is_vision(path)) return true;
  }
  return std::any_of(model.tensors().begin(), model.tensors().end(), [&](const auto& entry) {
    return is_vision(entry.first) && entry.second->requires_grad();
  });
}

}  // namespace lmc::train
