#include "train/training_pass.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "base/random.h"  // Random
#include "model/lora.h"   // lora_pairs

namespace lmc::train {

namespace {

int64_t length_of(const TrainingInput& sample) {
  return static_cast<int64_t>(sample.input.ids.size());
}

int32_t image_token_of(const model::Qwen3Vl& model) {
  return static_cast<int32_t>(model.config().image_token_id);
}

void count(const TrainingInput& sample, StepLoss& step) {
  step.tokens += length_of(sample);
  for (const float weight : sample.weights) {
    step.weight += weight;
    step.target_tokens += weight > 0 ? 1 : 0;
  }
}

model::Batch batch_of(const std::vector<const TrainingInput*>& rows, const PassOptions& options,
                      const model::Qwen3Vl& model) {
  std::vector<const prompt::ModelInput*> inputs;
  for (const TrainingInput* row : rows) inputs.push_back(&row->input);
  std::shared_ptr<const model::SharedPrefix> shared;
  if (options.shares_prefixes) {
    shared = model::SharedPrefix::of(inputs, image_token_of(model));
  }
  model::Batch batch = model::Batch::from_inputs(inputs, model.device(), std::move(shared));
  if (!options.features) return batch;
  batch.pixel_values_PF.reset();
  std::vector<const image::PatchGrid*> seen;
  for (const prompt::ModelInput* input : inputs) {
    for (const auto& picture : input->images) {
      if (std::find(seen.begin(), seen.end(), picture.get()) != seen.end()) continue;
      seen.push_back(picture.get());
      batch.features.push_back(options.features(picture));
    }
  }
  return batch;
}

torch::Tensor pass_loss(model::Qwen3Vl& model, const std::vector<const TrainingInput*>& rows,
                        const PassOptions& options, StepLoss& step) {
  const auto batch = batch_of(rows, options, model);
  step.computed_tokens += batch.ids_N.size(0);
  return reply_loss(model.hidden_NH(batch), model.head_VH(), rows, options.loss,
                    batch.shared.get());
}

void for_each_pass(model::Qwen3Vl& model, std::span<const TrainingInput> samples,
                   const PassOptions& options,
                   const std::function<void(const std::vector<const TrainingInput*>&)>& visit) {
  for (const SamplePass& pass : cut_into_passes(samples, options, image_token_of(model))) {
    std::vector<const TrainingInput*> rows;
    for (const size_t index : pass.samples) rows.push_back(&samples[index]);
    visit(rows);
  }
}

using Pictures = std::vector<std::shared_ptr<const image::PatchGrid>>;

// The samples longest first; those of a picture, if they are to share it, where the longest of them
// stands.
std::vector<std::vector<size_t>> groups_of(std::span<const TrainingInput> samples,
                                           bool by_picture) {
  std::vector<size_t> order(samples.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return length_of(samples[a]) > length_of(samples[b]);
  });
  std::vector<std::vector<size_t>> groups;
  std::map<Pictures, size_t> group_of;
  for (const size_t index : order) {
    size_t group = groups.size();
    if (by_picture) group = group_of.emplace(samples[index].input.images, group).first->second;
    if (group == groups.size()) groups.emplace_back();
    groups[group].push_back(index);
  }
  return groups;
}

}  // namespace

std::vector<SamplePass> cut_into_passes(std::span<const TrainingInput> samples,
                                        const PassOptions& options, int32_t image_token_id) {
  const bool shares = options.packed && options.shares_prefixes;
  const auto own_tokens = [&](size_t index, const SamplePass& pass) {
    int64_t shared = 0;
    for (size_t i = 0; shares && i < pass.samples.size(); ++i) {
      shared = std::max(shared, model::shared_tokens(samples[pass.samples[i]].input,
                                                     samples[index].input, image_token_id));
    }
    return length_of(samples[index]) - shared;
  };
  const auto add = [&](size_t index, SamplePass& pass) {
    pass.tokens += own_tokens(index, pass);
    pass.samples.push_back(index);
  };
  std::vector<SamplePass> passes;
  for (const std::vector<size_t>& group : groups_of(samples, shares)) {
    SamplePass together;
    for (const size_t index : group) add(index, together);
    const bool fits_a_pass = together.tokens <= options.tokens_per_pass;
    if (passes.empty() || !options.packed ||
        (fits_a_pass && passes.back().tokens + together.tokens > options.tokens_per_pass)) {
      passes.emplace_back();
    }
    for (const size_t index : group) {
      const SamplePass& last = passes.back();
      const bool is_full = last.tokens + own_tokens(index, last) > options.tokens_per_pass;
      if (is_full && !last.samples.empty()) passes.emplace_back();
      add(index, passes.back());
    }
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
  for_each_pass(model, samples, options, [&](const std::vector<const TrainingInput*>& rows) {
    for (const auto& [path, pair] : pairs) {
      if (pair->dropout > 0) pair->dropout_seed = Random::named(seed, path, pass).next_bits();
    }
    const auto loss = pass_loss(model, rows, options, step);
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
  for_each_pass(model, samples, options, [&](const std::vector<const TrainingInput*>& rows) {
    step.sum += pass_loss(model, rows, options, step).item<double>();
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
