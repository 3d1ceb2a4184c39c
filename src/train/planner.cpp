#include "train/planner.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/check.h"  // InputError
#include "base/heap.h"   // return_free_heap
#include "model/device_memory.h"
#include "model/large_blocks.h"  // give_back_kept_blocks

namespace lmc::train {

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kSamplesLookedAt = 64;
constexpr size_t kCalibrated = 4;  // samples that are timed
constexpr int64_t kTokensPerMicroBatch = 768, kTokensPerMicroBatchOnGpu = 8192;
// Workers are as many as keep no more than this between them, whatever is free: what a run computes
// should not depend on that. It leaves large models to one worker, whose products are large enough
// for all threads.
constexpr int64_t kKeptByWorkers = int64_t{2} << 30;
// Of a chunk of the loss: 32 MB of logits, which is memory the allocator has at hand, and rows
// enough for a matrix product.
constexpr int64_t kLogitsAtOnce = int64_t{1} << 23, kMinRows = 64, kMaxRows = 1024;

class Planner {
 public:
  Planner(const TrainingRun& run, const Loader& loader, AdamW& optimiser, Ranks& ranks)
      : model_(run.model),
        model_folder_(run.model_folder),
        options_(run.options),
        loader_(loader),
        optimiser_(optimiser),
        ranks_(ranks) {}

  PlannedRun make();

 private:
  bool is_on(const char* saving) const {
    return std::find(options_.without.begin(), options_.without.end(), saving) ==
           options_.without.end();
  }
  void choose_micro_batches();
  void measure_program(std::span<const TrainingInput> samples, const PassBounds& bounds);
  int64_t image_bytes() const;
  int64_t cached_image_bytes() const;
  void choose_recompute();
  void calibrate(std::span<const TrainingInput> samples);

  model::Qwen3Vl& model_;
  const std::string& model_folder_;
  const TrainOptions& options_;
  const Loader& loader_;
  AdamW& optimiser_;
  Ranks& ranks_;
  PlannedRun planned_;
  Plan& plan_ = planned_.plan;
  MicroBatchOptions& micro_batches_ = planned_.micro_batches;
};

void Planner::choose_micro_batches() {
  micro_batches_.packed = is_on("packing");
  micro_batches_.tokens_per_micro_batch = options_.tokens_per_micro_batch > 0
                                              ? options_.tokens_per_micro_batch
                                          : model_.device().is_cpu() ? kTokensPerMicroBatch
                                                                     : kTokensPerMicroBatchOnGpu;
  if (model_.device().is_cpu() && is_on("parallel-passes")) {
    const MicroBatchShape shape{.tokens = micro_batches_.tokens_per_micro_batch,
                                .row_tokens = micro_batches_.tokens_per_micro_batch};
    int64_t kept = estimate_memory(model_, 0, shape, micro_batches_).activations;
    // Each micro-batch hands over gradients of its own: little of an adapter, much of all weights.
    if (options_.full) kept += plan_.trained_parameters * static_cast<int64_t>(sizeof(float));
    const int threads = at::get_num_threads();
    const auto count = static_cast<int>(std::clamp<int64_t>(kKeptByWorkers / kept, 1, threads));
    if (count > 1) {
      planned_.workers =
          std::make_unique<MicroBatchWorkers>(static_cast<size_t>(count), threads / count);
      micro_batches_.workers = planned_.workers.get();
    }
  }
  micro_batches_.shares_prefixes = micro_batches_.packed && is_on("shared-prefixes");
  micro_batches_.loss.distillation_weight = options_.distillation_weight;
  micro_batches_.loss.rows_per_chunk =
      is_on("chunked-loss")
          ? std::clamp(kLogitsAtOnce / model_.config().text.vocab_size, kMinRows, kMaxRows)
          : 0;
  if (!trains_vision(model_) && is_on("shared-pictures")) {
    micro_batches_.features = [&images = loader_.images()](const auto& image) {
      return images.features(image);
    };
  }
}

// What the libraries load and keep shows once a sample has gone through them, forward and backward.
void Planner::measure_program(std::span<const TrainingInput> samples, const PassBounds& bounds) {
  if (!samples.empty()) {
    const auto one = samples.first(1);
    MicroBatchOptions careful = micro_batches_;
    careful.recompute = model::Recompute::kLayers;
    accumulate_gradients(model_, one, careful, std::max(1.0, total_weight(one)), 0);
    optimiser_.zero_gradients();
  }
  plan_.memory.matmul_cache = matmul_cache_bytes(
      model_, bounds.largest, bounds.fewest_tokens,
      std::llround(plan_.samples.micro_batches * static_cast<double>(plan_.steps.steps)));
  model::give_back_kept_blocks();
  return_free_heap();
  plan_.memory.program = held_by_program(model_, plan_.trained_parameters, model_folder_);
  plan_.memory.images = image_bytes();
}

// The pixels of two steps, one of them loaded ahead, and the features that are kept in memory.
int64_t Planner::image_bytes() const {
  const SampleShape& shape = plan_.samples;
  const double per_rank = static_cast<double>(options_.batch) / ranks_.size();
  const double drawn = std::min(static_cast<double>(loader_.set().samples.size()),
                                per_rank * static_cast<double>(plan_.steps.steps));
  const double at_hand = std::min(drawn, 2 * per_rank);
  double bytes = model_.device().is_cpu() ? at_hand * shape.pixel_bytes : 0;
  if (micro_batches_.features) {
    const auto& config = model_.config();
    const double merged = shape.own_patches / static_cast<double>(config.vision.spatial_merge_size *
                                                                  config.vision.spatial_merge_size);
    bytes += std::min(drawn * merged, static_cast<double>(kMaxCachedTokens)) *
             static_cast<double>(config.text.hidden_size *
                                 static_cast<int64_t>(1 + config.vision.deepstack_indexes.size()) *
                                 static_cast<int64_t>(c10::elementSize(model_.dtype())));
  }
  return std::llround(bytes);
}

// What the vision cache takes for an image; 0: there is none.
int64_t Planner::cached_image_bytes() const {
  if (options_.vision_cache.empty() || !micro_batches_.features) return 0;
  const auto& config = model_.config();
  const int64_t merge = config.vision.spatial_merge_size * config.vision.spatial_merge_size;
  return std::llround(plan_.samples.patches) / merge * config.text.hidden_size *
         static_cast<int64_t>(1 + config.vision.deepstack_indexes.size()) *
         (options_.vision_cache_dtype == tensorio::DtypeChoice::kFloat32 ? 4 : 2);
}

void Planner::choose_recompute() {
  const MemoryEstimate outside = plan_.memory;
  const MicroBatchShape& largest = plan_.samples.micro_batch;
  plan_.usable_bytes = model::device_memory(model_.device()).usable();
  if (options_.recompute == RecomputeChoice::kAuto) {
    // A tenth of what there is is left to others.
    micro_batches_.recompute =
        plan_.usable_bytes > 0
            ? cheapest_recompute(model_, plan_.trained_parameters, largest, micro_batches_,
                                 plan_.usable_bytes / 10 * 9 - outside.total())
            : model::Recompute::kLayers;
  } else if (options_.recompute != RecomputeChoice::kNothing) {
    micro_batches_.recompute = options_.recompute == RecomputeChoice::kLayers
                                   ? model::Recompute::kLayers
                                   : model::Recompute::kFeedForward;
  }
  // What one rank recomputes, all do, so that all are as fast and the plan is one.
  micro_batches_.recompute = static_cast<model::Recompute>(
      ranks_.broadcast(static_cast<int64_t>(micro_batches_.recompute)));
  plan_.memory = estimate_memory(model_, plan_.trained_parameters, largest, micro_batches_);
  plan_.memory.program = outside.program;
  plan_.memory.matmul_cache = outside.matmul_cache;
  plan_.memory.images = outside.images;
}

void Planner::calibrate(std::span<const TrainingInput> samples) {
  planned_.peak_flops = measured_peak_flops(model_.device(), model_.dtype());
  if (model_.dtype() == torch::kFloat32 && !options_.full) {
    plan_.bf16_speed = measured_peak_flops(model_.device(), torch::kBFloat16) / planned_.peak_flops;
  }
  if (samples.empty()) return;
  const auto start = Clock::now();
  const StepLoss loss = accumulate_gradients(model_, samples, micro_batches_,
                                             std::max(1.0, total_weight(samples)), 0);
  const std::chrono::duration<double> seconds = Clock::now() - start;
  optimiser_.zero_gradients();
  plan_.seconds_per_step = seconds.count() /
                           static_cast<double>(std::max<int64_t>(1, loss.tokens)) *
                           plan_.samples.tokens * static_cast<double>(options_.batch);
}

PlannedRun Planner::make() {
  for (const Parameter& parameter : optimiser_.parameters()) {
    plan_.trained_parameters += parameter.value.numel();
  }
  choose_micro_batches();
  plan_.steps = plan_steps(options_, loader_.set().samples.size());
  StepInputs looked_at = loader_.load_first(kSamplesLookedAt);
  if (looked_at.samples.empty()) {
    throw InputError(options_.questions.empty() ? options_.conversations : options_.questions,
                     cat("of ", looked_at.problems.size(), " samples none can be learnt from; ",
                         looked_at.problems.front()));
  }
  const int64_t samples_a_rank = (options_.batch + ranks_.size() - 1) / ranks_.size();
  plan_.samples =
      shape_of(looked_at.samples, samples_a_rank, static_cast<int64_t>(looked_at.problems.size()),
               micro_batches_, static_cast<int32_t>(model_.config().image_token_id));
  const PassBounds bounds = pass_bounds(plan_.samples, plan_.steps, samples_a_rank,
                                        loader_.set().samples.size(), micro_batches_);
  plan_.samples.micro_batch = bounds.largest;
  looked_at.samples.resize(std::min(looked_at.samples.size(), kCalibrated));
  measure_program(looked_at.samples, bounds);
  choose_recompute();
  plan_.image_bytes = cached_image_bytes();
  calibrate(looked_at.samples);
  return_free_heap();
  return std::move(planned_);
}

}  // namespace

PlannedRun plan_run(const TrainingRun& run, const Loader& loader, AdamW& optimiser, Ranks& ranks) {
  return Planner(run, loader, optimiser, ranks).make();
}

}  // namespace lmc::train
