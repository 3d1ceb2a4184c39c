// Forward and backward over one step's samples, in micro-batches that fit in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/qwen3_vl.h"             // Qwen3Vl, Recompute
#include "train/micro_batch_workers.h"  // MicroBatchWorkers
#include "train/reply_loss.h"           // ReplyLossOptions
#include "train/training_input.h"       // TrainingInput

namespace lmc::train {

// What a frozen vision tower makes of an image; where features come from a cache, it reads them.
// Called by all workers at once, for each image of a step first by one of them alone.
using FeatureSource =
    std::function<model::VisionFeatures(const std::shared_ptr<const image::PatchGrid>&)>;

// How a step is computed. Nothing here changes the gradients by more than rounding.
struct MicroBatchOptions {
  int64_t tokens_per_micro_batch = 4096;
  bool packed = true;  // several samples in a micro-batch; else each alone
  // Of packed samples, what several begin with goes through the model once. With dropout such
  // tokens then have one mask.
  bool shares_prefixes = true;
  model::Recompute recompute = model::Recompute::kNothing;
  ReplyLossOptions loss = {};
  // Null: micro-batches are computed one after the other, by all threads.
  MicroBatchWorkers* workers = nullptr;
  // Empty: the vision tower runs within the micro-batch, and takes gradients if anything in it is
  // trained.
  FeatureSource features = {};
};

struct MicroBatch {
  std::vector<size_t> samples;
  int64_t tokens = 0;  // that go through the model: those that samples share count once
};

// Says how a step's samples go through the model. The samples of one micro-batch are packed into
// one stream; those of an image stand together where a micro-batch can hold them, so that they
// share its tokens. There are about as few micro-batches as hold all samples. Every worker gets
// equally many, micro-batches differ little in size, and the largest comes first.
std::vector<MicroBatch> pack_micro_batches(std::span<const TrainingInput> samples,
                                           const MicroBatchOptions& options,
                                           int32_t image_token_id);

struct StepLoss {
  double sum = 0;               // of the weighted losses, nats
  double weight = 0;            // sum of the weights
  int64_t target_tokens = 0;    // with a weight above 0
  int64_t tokens = 0;           // of all samples
  int64_t computed_tokens = 0;  // that went through the model: shared ones once

  double mean() const { return weight > 0 ? sum / weight : 0; }
};

// What a step's loss is divided by: over all samples of all devices.
double total_weight(std::span<const TrainingInput> samples);

// Adds the gradient of (weighted loss / `divisor`): micro-batches count by their weights, so the
// cut into micro-batches changes nothing but rounding. `seed` decides the dropout.
StepLoss accumulate_gradients(model::Qwen3Vl& model, std::span<const TrainingInput> samples,
                              const MicroBatchOptions& options, double divisor, uint64_t seed);

// The loss alone, without a graph and without dropout.
StepLoss measure_loss(model::Qwen3Vl& model, std::span<const TrainingInput> samples,
                      const MicroBatchOptions& options);

// Whether anything in the vision tower takes gradients.
bool trains_vision(model::Qwen3Vl& model);

}  // namespace lmc::train
