#include "train/micro_batches.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <utility>

#include "model/lora.h"  // lora_pairs, named_tensors

namespace lmc::train {

namespace {

int64_t length_of(const TrainingInput& sample) {
  return static_cast<int64_t>(sample.input.ids.size());
}

int32_t image_token_of(const model::Qwen3Vl& model) {
  return static_cast<int32_t>(model.config().image_token_id);
}

// What a step's samples hold, before their loss is known.
StepLoss counted(std::span<const TrainingInput> samples) {
  StepLoss step;
  for (const TrainingInput& sample : samples) {
    step.tokens += length_of(sample);
    for (const float weight : sample.weights) {
      step.weight += weight;
      step.target_tokens += weight > 0 ? 1 : 0;
    }
  }
  return step;
}

using MicroBatchRows = std::vector<const TrainingInput*>;
using Images = std::vector<std::shared_ptr<const image::PatchGrid>>;

// Each once, in the order in which the rows name them.
Images images_of(const MicroBatchRows& rows) {
  std::set<std::shared_ptr<const image::PatchGrid>> seen;
  Images images;
  for (const TrainingInput* row : rows) {
    for (const auto& image : row->input.images) {
      if (seen.insert(image).second) images.push_back(image);
    }
  }
  return images;
}

model::Batch batch_of(const MicroBatchRows& rows, const MicroBatchOptions& options,
                      const model::Qwen3Vl& model, const model::ForwardMode& mode) {
  std::vector<const prompt::ModelInput*> inputs;
  for (const TrainingInput* row : rows) inputs.push_back(&row->input);
  std::shared_ptr<const model::SharedPrefix> shared;
  if (options.shares_prefixes) {
    shared = model::SharedPrefix::of(inputs, image_token_of(model));
  }
  // Features first: once they are made, there may be no pixels to gather.
  std::vector<model::VisionFeatures> features;
  if (options.features) {
    for (const auto& image : images_of(rows)) features.push_back(options.features(image));
  }
  model::Batch batch = model::Batch::from_inputs(inputs, model.device(), std::move(shared));
  batch.mode = mode;
  if (options.features) batch.pixel_values_PF.reset();
  batch.features = std::move(features);
  return batch;
}

torch::Tensor micro_batch_loss(model::Qwen3Vl& model, const MicroBatchRows& rows,
                               const MicroBatchOptions& options, const model::ForwardMode& mode,
                               StepLoss& step) {
  const auto batch = batch_of(rows, options, model, mode);
  step.computed_tokens += batch.ids_N.size(0);
  return reply_loss(model.hidden_NH(batch), model.head_VH(), rows, options.loss,
                    batch.shared.get());
}

// Calls work(0) ... work(jobs - 1), on the workers where there are any.
void run(const MicroBatchOptions& options, size_t jobs, const std::function<void(size_t)>& work) {
  if (options.workers != nullptr) return options.workers->run(jobs, work);
  for (size_t i = 0; i < jobs; ++i) work(i);
}

// Makes the features of a step's images, each once, before several micro-batches ask for them.
void make_features(std::span<const TrainingInput> samples, const MicroBatchOptions& options) {
  if (!options.features || options.workers == nullptr) return;
  MicroBatchRows rows;
  for (const TrainingInput& sample : samples) rows.push_back(&sample);
  const Images images = images_of(rows);
  run(options, images.size(), [&](size_t i) { options.features(images[i]); });
}

void for_each_micro_batch(model::Qwen3Vl& model, std::span<const TrainingInput> samples,
                          const MicroBatchOptions& options,
                          const std::function<void(size_t number, const MicroBatchRows&)>& visit) {
  make_features(samples, options);
  const auto micro_batches = pack_micro_batches(samples, options, image_token_of(model));
  run(options, micro_batches.size(), [&](size_t number) {
    MicroBatchRows rows;
    for (const size_t index : micro_batches[number].samples) rows.push_back(&samples[index]);
    visit(number, rows);
  });
}

// What micro-batches give, added to `step` and to the gradients of `trained` in the order of the
// micro-batches, whatever the order they end in.
class OrderedGradientAccumulator {
 public:
  OrderedGradientAccumulator(const StepLoss& step, std::vector<torch::Tensor> trained)
      : step_(step), trained_(std::move(trained)) {}

  const std::vector<torch::Tensor>& trained() const { return trained_; }

  // `gradients` of the trained tensors, some perhaps undefined; or none at all.
  void add(size_t number, const StepLoss& loss, torch::autograd::variable_list gradients) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace(number, Part{loss, std::move(gradients)});
    for (auto next = waiting_.find(added_); next != waiting_.end(); next = waiting_.find(added_)) {
      add_up(next->second);
      waiting_.erase(next);
      ++added_;
    }
  }

  const StepLoss& step() const { return step_; }

 private:
  struct Part {
    StepLoss loss;
    torch::autograd::variable_list gradients;
  };

  void add_up(const Part& part) {
    step_.sum += part.loss.sum;
    step_.computed_tokens += part.loss.computed_tokens;
    const c10::NoGradGuard no_grad;
    for (size_t i = 0; i < part.gradients.size(); ++i) {
      if (!part.gradients[i].defined()) continue;
      torch::Tensor& sum = trained_[i].mutable_grad();
      if (sum.defined()) {
        sum.add_(part.gradients[i]);
      } else {
        sum = part.gradients[i];
      }
    }
  }

  StepLoss step_;
  std::vector<torch::Tensor> trained_;
  std::mutex mutex_;
  std::map<size_t, Part> waiting_;
  size_t added_ = 0;
};

std::vector<torch::Tensor> trained_tensors(model::Qwen3Vl& model) {
  std::vector<torch::Tensor> trained;
  for (const auto& [name, tensor] : model.tensors()) {
    if (tensor->requires_grad()) trained.push_back(*tensor);
  }
  for (const auto& [path, pair] : model::lora_pairs(model)) {
    for (const auto& [name, tensor] : model::named_tensors(path, *pair)) {
      if (tensor.requires_grad()) trained.push_back(tensor);
    }
  }
  return trained;
}

// The samples longest first; those of an image, if they are to share it, where the longest of them
// stands.
std::vector<std::vector<size_t>> groups_of(std::span<const TrainingInput> samples, bool by_image) {
  std::vector<size_t> order(samples.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return length_of(samples[a]) > length_of(samples[b]);
  });
  std::vector<std::vector<size_t>> groups;
  std::map<Images, size_t> group_of;
  for (const size_t index : order) {
    size_t group = groups.size();
    if (by_image) group = group_of.emplace(samples[index].input.images, group).first->second;
    if (group == groups.size()) groups.emplace_back();
    groups[group].push_back(index);
  }
  return groups;
}

}  // namespace

std::vector<MicroBatch> pack_micro_batches(std::span<const TrainingInput> samples,
                                           const MicroBatchOptions& options,
                                           int32_t image_token_id) {
  const bool shares = options.packed && options.shares_prefixes;
  const auto own_tokens = [&](size_t index, const MicroBatch& micro_batch) {
    int64_t shared = 0;
    for (size_t i = 0; shares && i < micro_batch.samples.size(); ++i) {
      shared = std::max(shared, model::shared_tokens(samples[micro_batch.samples[i]].input,
                                                     samples[index].input, image_token_id));
    }
    return length_of(samples[index]) - shared;
  };
  const auto add = [&](size_t index, MicroBatch& micro_batch) {
    micro_batch.tokens += own_tokens(index, micro_batch);
    micro_batch.samples.push_back(index);
  };
  // What stays together: samples that share tokens, as many as a micro-batch holds.
  std::vector<MicroBatch> items;
  for (const std::vector<size_t>& group : groups_of(samples, shares)) {
    MicroBatch item;
    for (const size_t index : group) {
      const int64_t own = own_tokens(index, item);
      const bool stays =
          own < length_of(samples[index]) && item.tokens + own <= options.tokens_per_micro_batch;
      if (!stays && !item.samples.empty()) items.push_back(std::exchange(item, {}));
      add(index, item);
    }
    items.push_back(item);
  }
  if (!options.packed) return items;
  const auto by_size = [](const MicroBatch& a, const MicroBatch& b) { return a.tokens > b.tokens; };
  std::stable_sort(items.begin(), items.end(), by_size);
  int64_t tokens = 0;
  for (const MicroBatch& item : items) tokens += item.tokens;
  // The largest item next into the emptiest micro-batch keeps them even.
  const auto spread_over = [&](size_t count) {
    std::vector<MicroBatch> micro_batches(std::min(count, items.size()));
    for (const MicroBatch& item : items) {
      MicroBatch& emptiest = *std::max_element(micro_batches.begin(), micro_batches.end(), by_size);
      for (const size_t index : item.samples) add(index, emptiest);
    }
    return micro_batches;
  };
  const auto fits = [&](const MicroBatch& micro_batch) {
    return micro_batch.tokens <= options.tokens_per_micro_batch || micro_batch.samples.size() == 1;
  };
  const size_t workers = options.workers == nullptr ? 1 : options.workers->count();
  const int64_t at_once = options.tokens_per_micro_batch * static_cast<int64_t>(workers);
  size_t count = static_cast<size_t>((tokens + at_once - 1) / at_once) * workers;
  auto micro_batches = spread_over(count);
  while (count < items.size() && !std::all_of(micro_batches.begin(), micro_batches.end(), fits)) {
    count += workers;
    micro_batches = spread_over(count);
  }
  std::stable_sort(micro_batches.begin(), micro_batches.end(), by_size);
  return micro_batches;
}

double total_weight(std::span<const TrainingInput> samples) { return counted(samples).weight; }

StepLoss accumulate_gradients(model::Qwen3Vl& model, std::span<const TrainingInput> samples,
                              const MicroBatchOptions& options, double divisor, uint64_t seed) {
  const StepLoss step = counted(samples);
  if (divisor == 0) return step;
  OrderedGradientAccumulator sum(step, trained_tensors(model));
  for_each_micro_batch(model, samples, options, [&](size_t number, const MicroBatchRows& rows) {
    const model::ForwardMode mode{model::DropoutContext{seed, number}, options.recompute};
    StepLoss micro_batch;
    const auto loss = micro_batch_loss(model, rows, options, mode, micro_batch);
    torch::autograd::variable_list gradients;
    // A micro-batch with nothing to learn from has no graph.
    if (loss.requires_grad() && options.workers == nullptr) {
      (loss / divisor).backward();  // adds each gradient as it is made: no second copy of them all
    } else if (loss.requires_grad()) {
      gradients = torch::autograd::grad({loss / divisor}, sum.trained(), {}, false, false, true);
    }
    micro_batch.sum = loss.item<double>();
    sum.add(number, micro_batch, std::move(gradients));
  });
  return sum.step();
}

StepLoss measure_loss(model::Qwen3Vl& model, std::span<const TrainingInput> samples,
                      const MicroBatchOptions& options) {
  OrderedGradientAccumulator sum(counted(samples), {});
  for_each_micro_batch(model, samples, options, [&](size_t number, const MicroBatchRows& rows) {
    const c10::NoGradGuard no_grad;
    StepLoss micro_batch;
    micro_batch.sum = micro_batch_loss(model, rows, options, {}, micro_batch).item<double>();
    sum.add(number, micro_batch, {});
  });
  return sum.step();
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
