#include "train/plan.h"

#include <ATen/ops/rand.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <set>
#include <sstream>
#include <utility>

#include "base/check.h"     // cat
#include "base/progress.h"  // format_duration
#include "model/gemm.h"     // gemm

namespace lmc::train {

namespace {

constexpr double kWorthSaying = 1.3;
constexpr double kPeakSeconds = 0.2;  // long enough for a processor to reach its clock

std::string fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

std::string gigabytes(int64_t bytes) { return fixed(static_cast<double>(bytes) / 1e9, 2) + " GB"; }

const char* name_of(model::Recompute recompute) {
  switch (recompute) {
    case model::Recompute::kNothing:
      return "nothing";
    case model::Recompute::kFeedForward:
      return "feed-forward halves";
    case model::Recompute::kLayers:
      return "whole layers";
  }
  return "";
}

int64_t num_target_tokens(const TrainingInput& sample) {
  return std::count_if(sample.weights.begin(), sample.weights.end(),
                       [](float weight) { return weight != 0; });
}

MicroBatchShape shape_of_micro_batch(const MicroBatch& micro_batch,
                                     std::span<const TrainingInput> samples) {
  MicroBatchShape shape;
  shape.tokens = micro_batch.tokens;
  std::set<const image::PatchGrid*> images;  // one that several samples hold counts once
  for (const size_t index : micro_batch.samples) {
    shape.row_tokens += std::ssize(samples[index].input.ids);
    shape.target_rows += num_target_tokens(samples[index]);
    for (const auto& image : samples[index].input.images) images.insert(image.get());
  }
  for (const image::PatchGrid* image : images) {
    shape.patches += image->num_patches();
    shape.largest_image = std::max(shape.largest_image, image->num_patches());
  }
  return shape;
}

// How many samples of a step may be there twice: those of the step in which one epoch
// ends and the next begins. Of a and b drawn from the two, both out of n, a b / n are the same on
// average, and hardly ever three roots of it more.
double drawn_twice(const StepPlan& steps, int64_t batch, size_t num_samples) {
  const auto samples = static_cast<int64_t>(num_samples);
  if (steps.draws <= samples || samples % batch == 0) return 0;
  const double half = static_cast<double>(batch) / 2;
  const double mean = half * half / static_cast<double>(num_samples);
  return std::min(half, mean + 3 * std::sqrt(mean));
}

// Every part of the estimate that is not nothing.
void print_memory(const Plan& plan, const MicroBatchOptions& micro_batches, std::ostream& out) {
  const MemoryEstimate& memory = plan.memory;
  out << "  memory: " << gigabytes(memory.total()) << " at most";
  if (plan.usable_bytes > 0) out << " of " << gigabytes(plan.usable_bytes) << " to be had";
  out << "; recomputed: " << name_of(micro_batches.recompute) << "\n    ";
  const std::pair<const char*, int64_t> parts[] = {
      {"weights", memory.weights},
      {"dequantised", memory.dequantised},
      {"trained", memory.trained},
      {"activations", memory.activations},
      {memory.loss > memory.layer_backward ? "loss" : "a layer's gradients",
       std::max(memory.loss, memory.layer_backward)},
      {"images", memory.images},
      {"cache of matmuls", memory.matmul_cache},
      {"kept by the allocator", memory.freed},
      {"program and libraries", memory.program}};
  const char* between = "";
  for (const auto& [name, bytes] : parts) {
    if (bytes == 0) continue;
    out << between << name << " " << gigabytes(bytes);
    between = ", ";
  }
  out << "\n";
  if (plan.usable_bytes > 0 && memory.total() > plan.usable_bytes) {
    out << "  WARNING: that is more than there is; lower --tokens-per-pass or --max-tokens, or "
           "load the weights with --storage nf4\n";
  }
}

}  // namespace

StepPlan plan_steps(const TrainOptions& options, size_t num_samples) {
  StepPlan plan;
  if (options.steps > 0) {
    plan.steps = options.steps;
    plan.draws = options.steps * options.batch;
  } else {
    plan.draws =
        std::max<int64_t>(1, std::llround(options.epochs * static_cast<double>(num_samples)));
    plan.steps = (plan.draws + options.batch - 1) / options.batch;
  }
  plan.warmup_steps =
      static_cast<int64_t>(std::ceil(options.warmup * static_cast<double>(plan.steps)));
  return plan;
}

SampleShape shape_of(std::span<const TrainingInput> samples, int64_t batch, int64_t unusable,
                     const MicroBatchOptions& options, int32_t image_token_id) {
  SampleShape shape;
  shape.looked_at = static_cast<int64_t>(samples.size()) + unusable;
  shape.unusable = unusable;
  if (samples.empty()) return shape;
  double padded = 0, computed = 0, steps = 0;
  for (size_t begin = 0; begin < samples.size(); begin += static_cast<size_t>(batch)) {
    const size_t end = std::min(samples.size(), begin + static_cast<size_t>(batch));
    size_t longest = 0;
    for (size_t i = begin; i < end; ++i) longest = std::max(longest, samples[i].input.ids.size());
    padded += static_cast<double>(longest * (end - begin));
    ++steps;
    for (const MicroBatch& micro_batch :
         pack_micro_batches(samples.subspan(begin, end - begin), options, image_token_id)) {
      ++shape.micro_batches;
      computed += static_cast<double>(micro_batch.tokens);
      const MicroBatchShape one =
          shape_of_micro_batch(micro_batch, samples.subspan(begin, end - begin));
      shape.micro_batch.tokens = std::max(shape.micro_batch.tokens, one.tokens);
      shape.micro_batch.row_tokens = std::max(shape.micro_batch.row_tokens, one.row_tokens);
      shape.micro_batch.target_rows = std::max(shape.micro_batch.target_rows, one.target_rows);
      shape.micro_batch.patches = std::max(shape.micro_batch.patches, one.patches);
      shape.micro_batch.largest_image =
          std::max(shape.micro_batch.largest_image, one.largest_image);
    }
  }
  std::set<const image::PatchGrid*> images;
  for (const TrainingInput& sample : samples) {
    const auto length = static_cast<int64_t>(sample.input.ids.size());
    shape.longest = std::max(shape.longest, length);
    shape.tokens += static_cast<double>(length);
    shape.target_tokens += static_cast<double>(num_target_tokens(sample));
    for (const auto& image : sample.input.images) {
      shape.patches += static_cast<double>(image->num_patches());
      if (!images.insert(image.get()).second) continue;
      shape.own_patches += static_cast<double>(image->num_patches());
      shape.pixel_bytes += static_cast<double>(image->pixel_values_PF.size() * sizeof(float));
    }
  }
  const double mean_tokens = shape.tokens / static_cast<double>(samples.size());
  for (const TrainingInput& sample : samples) {
    shape.tokens_deviation +=
        std::pow(static_cast<double>(sample.input.ids.size()) - mean_tokens, 2);
  }
  shape.tokens_deviation = std::sqrt(shape.tokens_deviation / static_cast<double>(samples.size()));
  shape.padded_fraction = shape.tokens / padded;
  shape.computed_fraction = computed / shape.tokens;
  shape.micro_batches /= steps;
  const auto count = static_cast<double>(samples.size());
  for (double* mean : {&shape.tokens, &shape.target_tokens, &shape.patches, &shape.own_patches,
                       &shape.pixel_bytes}) {
    *mean /= count;
  }
  return shape;
}

PassBounds pass_bounds(const SampleShape& shape, const StepPlan& steps, int64_t batch,
                       size_t num_samples, const MicroBatchOptions& options) {
  const MicroBatchShape& seen = shape.micro_batch;
  if (!options.packed || seen.tokens == 0) return {seen, 0};
  // Tokens of a step: hardly ever more than three deviations from their mean, and fewer by those
  // that are shared.
  const auto count = static_cast<double>(batch);
  const double mean = count * shape.tokens, spread = 3 * std::sqrt(count) * shape.tokens_deviation;
  double most = mean + spread, least = mean - spread;
  if (options.shares_prefixes) {
    const double twice = drawn_twice(steps, batch, num_samples) * shape.tokens;
    most *= shape.computed_fraction;
    least = (least - twice) * shape.computed_fraction;
  }
  // Steps are cut into as few micro-batches as hold them, so micro-batches are full where a step is
  // just as long as a number of them. Else all steps are cut into as many.
  const auto workers = static_cast<double>(options.workers ? options.workers->count() : 1);
  const double at_once = static_cast<double>(options.tokens_per_micro_batch) * workers;
  const double full = std::floor(most / at_once) * at_once;
  const bool is_full = full > 0 && full >= least;
  const double micro_batches = std::ceil(most / at_once) * workers;
  const double tokens =
      is_full ? static_cast<double>(options.tokens_per_micro_batch) : most / micro_batches;
  const double factor = std::max(1.0, tokens / static_cast<double>(seen.tokens));
  const auto scaled = [&](int64_t value) {
    return std::llround(factor * static_cast<double>(value));
  };
  // Micro-batches of a step differ by a sample at most.
  const double fewest = is_full ? 0 : least / micro_batches - static_cast<double>(shape.longest);
  return {{.tokens = scaled(seen.tokens),
           .row_tokens = scaled(seen.row_tokens),
           .target_rows = scaled(seen.target_rows),
           .patches = scaled(seen.patches),
           .largest_image = seen.largest_image},
          std::max<int64_t>(0, std::llround(fewest))};
}

double flops_of_sample(const spec::ModelConfig& config, const SampleShape& shape, bool full,
                       bool runs_tower) {
  const auto& text = config.text;
  const auto width = static_cast<double>(text.hidden_size);
  const auto queries = static_cast<double>(text.num_heads * text.head_dim);
  const auto keys = static_cast<double>(text.num_kv_heads * text.head_dim);
  const double per_layer =
      width * (2 * queries + 2 * keys) + 3 * width * static_cast<double>(text.intermediate_size);
  const double factor = full ? 6 : 4;
  const auto layers = static_cast<double>(text.num_layers);
  double flops = factor * per_layer * layers * shape.tokens;
  // Scores and their sum of values, causal: half of the square; the backward pass twice the
  // forward.
  flops += 3 * 2 * 2 * queries * layers * shape.tokens * shape.tokens / 2;
  flops += factor * width * static_cast<double>(text.vocab_size) * shape.target_tokens;
  if (runs_tower) {
    const auto& vision = config.vision;
    const auto tower = static_cast<double>(vision.hidden_size);
    const double per_block =
        4 * tower * tower + 2 * tower * static_cast<double>(vision.intermediate_size);
    flops += 2 * shape.patches * static_cast<double>(vision.depth) *
             (per_block + 2 * tower * shape.patches);
  }
  return flops;
}

double measured_peak_flops(torch::Device device, torch::Dtype dtype) {
  const int64_t side = device.is_cpu() ? 1024 : 8192;
  const auto a = at::rand({side, side}, torch::TensorOptions(dtype).device(device));
  double best = 0, total = 0;
  while (total < kPeakSeconds) {
    const auto start = std::chrono::steady_clock::now();
    // Reading one value waits for the device.
    model::gemm(a, a)[0][0].item<float>();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, 2.0 * std::pow(static_cast<double>(side), 3) / seconds.count());
    total += seconds.count();
  }
  return best;
}

void print_plan(const TrainOptions& options, const Plan& plan, const SampleSet& set,
                const MicroBatchOptions& micro_batches, std::ostream& out) {
  const SampleShape& shape = plan.samples;
  out << "train: " << set.samples.size() << " samples, " << plan.steps.steps << " steps of "
      << options.batch << ", " << plan.trained_parameters << " parameters "
      << (options.full ? "(all)" : "(LoRA)") << "\n";
  for (const auto& [reason, count] : set.left_out) {
    out << "  left out, " << reason << ": " << count << "\n";
  }
  if (set.without_teacher > 0) {
    out << "  without the teacher's log-probabilities: " << set.without_teacher << "\n";
  }
  out << "  of " << shape.looked_at << " samples looked at";
  if (shape.unusable > 0) out << " (" << shape.unusable << " unusable)";
  out << ": " << fixed(shape.tokens, 0) << " tokens on average, " << fixed(shape.target_tokens, 0)
      << " of them targets, the longest " << shape.longest << "\n  about "
      << fixed(shape.tokens * static_cast<double>(plan.steps.draws) / 1e6, 2)
      << " million tokens in all; padded batches would be " << fixed(1 / shape.padded_fraction, 2)
      << " times as long\n";
  if (shape.computed_fraction < 1) {
    out << "  " << fixed(100 * (1 - shape.computed_fraction), 0)
        << " % of them are what samples of an image begin with, computed once\n";
  }
  if (micro_batches.workers != nullptr) {
    out << "  " << micro_batches.workers->count() << " micro-batches at a time, each of up to "
        << micro_batches.tokens_per_micro_batch << " tokens\n";
  }
  print_memory(plan, micro_batches, out);
  if (plan.image_bytes > 0) {
    out << "  vision cache: about " << fixed(static_cast<double>(plan.image_bytes) / 1e6, 2)
        << " MB an image\n";
  }
  if (plan.bf16_speed > kWorthSaying) {
    out << "  this processor multiplies " << fixed(plan.bf16_speed, 1)
        << " times as fast in bfloat16: --dtype bfloat16\n";
  }
  if (plan.seconds_per_step > 0) {
    out << "  time: about "
        << format_duration(plan.seconds_per_step * static_cast<double>(plan.steps.steps))
        << ", from one micro-batch of each kind\n";
  }
}

}  // namespace lmc::train
