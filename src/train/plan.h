// The plan of a training run: what it will do, take and need, known before the first step.
#pragma once

#include <cstdint>
#include <ostream>
#include <span>

#include "train/memory_estimate.h"  // MemoryEstimate, MicroBatchShape
#include "train/samples.h"          // SampleSet
#include "train/train_options.h"    // TrainOptions
#include "train/training_input.h"   // TrainingInput

namespace lmc::train {

struct StepPlan {
  int64_t steps = 0;
  int64_t draws = 0;  // samples drawn over all steps
  int64_t warmup_steps = 0;
};

StepPlan plan_steps(const TrainOptions& options, size_t num_samples);

// What samples look like, from some of them.
struct SampleShape {
  int64_t looked_at = 0;
  int64_t unusable = 0;
  int64_t longest = 0;          // tokens
  double tokens = 0;            // means of a sample
  double tokens_deviation = 0;  // the standard deviation that goes with it
  double target_tokens = 0;     // tokens with a weight
  double patches = 0;           // of its images
  // Of images that no earlier sample has: patches, and the bytes of pixels where they are held.
  double own_patches = 0, pixel_bytes = 0;
  double micro_batches = 0;  // of a step
  // Padding each micro-batch to its longest sample would fill some number of places. This share of
  // them hold a token; packing leaves out the rest.
  double padded_fraction = 1;
  // The share of the tokens that go through the model. Tokens with which several samples of a
  // micro-batch begin go through it once.
  double computed_fraction = 1;
  MicroBatchShape micro_batch;  // the most of everything in one of their micro-batches
};

// `batch`: samples of a step on this device.
SampleShape shape_of(std::span<const TrainingInput> samples, int64_t batch, int64_t unusable,
                     const MicroBatchOptions& options, int32_t image_token_id);

// What the micro-batches of a run lie between.
struct PassBounds {
  MicroBatchShape largest;    // the most of everything
  int64_t fewest_tokens = 0;  // of a micro-batch, but for those of the last step; 0: not known
};

// Bounds for steps that draw `batch` samples here of a set of `num_samples`. The samples that were
// looked at say how long a step is on average; others are longer or shorter, and shorter is not
// always less: a step that just fits into one micro-batch has a larger one than a step that must be
// cut into two.
PassBounds pass_bounds(const SampleShape& shape, const StepPlan& steps, int64_t batch,
                       size_t num_samples, const MicroBatchOptions& options);

// Floating-point operations of a step's forward and backward pass, a mean over samples; adapters
// take no weight gradient of the frozen matrices, so they cost 4 operations a weight and token,
// full training 6.
double flops_of_sample(const spec::ModelConfig& config, const SampleShape& shape, bool full,
                       bool runs_tower);

struct Plan {
  StepPlan steps;
  SampleShape samples;
  MemoryEstimate memory;
  int64_t usable_bytes = 0;  // that the run may come to hold; 0: not known
  int64_t trained_parameters = 0;
  int64_t image_bytes = 0;      // that the vision cache takes for one image, on average
  double seconds_per_step = 0;  // of the calibration; 0: none was made
  // How many times as fast this device multiplies in bf16 as in the run's f32; 0: it runs in bf16.
  double bf16_speed = 0;
};

void print_plan(const TrainOptions& options, const Plan& plan, const SampleSet& set,
                const MicroBatchOptions& micro_batches, std::ostream& out);

// Floating-point operations a second of a large matrix product on this device in this dtype.
double measured_peak_flops(torch::Device device, torch::Dtype dtype);

}  // namespace lmc::train
