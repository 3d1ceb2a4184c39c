// What a training run needs in memory, before it starts.
//
// What follows from the model's dimensions and the way a step is computed is counted: every tensor
// that is alive where the most are, at the loss of a full micro-batch or in the layer behind it.
// What libraries take is measured once a sample has gone through them (`program`, `matmul_cache`).
// docs/decisions/0013-memory-plan.md compares the sum with measured peaks. Bytes throughout.
#pragma once

#include <cstdint>
#include <string>

#include "model/qwen3_vl.h"       // Qwen3Vl
#include "train/micro_batches.h"  // MicroBatchOptions

namespace lmc::train {

struct MemoryEstimate {
  int64_t program = 0;       // measured: code, libraries and their buffers, after the first sample
  int64_t matmul_cache = 0;  // what the matmul library will cache for shapes it has met
  int64_t weights = 0;       // of the model, as stored
  int64_t dequantised = 0;   // low-precision weights dequantised or cast while in use
  int64_t trained = 0;       // trained values, gradients, and the optimiser's moments
  int64_t images = 0;        // pixels of the steps at hand, features that are kept
  int64_t activations = 0;   // saved for the backward pass
  int64_t loss = 0;  // logits of a chunk and their gradient; gone when the layers are passed
  int64_t layer_backward = 0;  // what one layer uses while it runs backward
  int64_t freed = 0;           // blocks that the allocator keeps for the next

  int64_t total() const;
};

// The shape of the largest micro-batch.
struct MicroBatchShape {
  int64_t tokens = 0;         // of the stream
  int64_t row_tokens = 0;     // of all samples, where some share the stream's
  int64_t target_rows = 0;    // that reach the output head
  int64_t patches = 0;        // of its images, if the tower runs within the micro-batch
  int64_t largest_image = 0;  // patches, if it runs ahead of the micro-batch
};

// All but what is measured (`program`, `matmul_cache`) and what the steps hold (`images`).
MemoryEstimate estimate_memory(model::Qwen3Vl& model, int64_t trained_parameters,
                               const MicroBatchShape& shape, const MicroBatchOptions& options);

// The first of nothing, feed-forward, layers whose estimate fits into `bytes`; layers if none does.
model::Recompute cheapest_recompute(model::Qwen3Vl& model, int64_t trained_parameters,
                                    const MicroBatchShape& shape, MicroBatchOptions options,
                                    int64_t bytes);

// What the process holds on the model's device now that the estimate does not count elsewhere: all
// but weights, trained values and moments. `model_folder`: whose mapped files hold the weights.
int64_t held_by_program(model::Qwen3Vl& model, int64_t trained_parameters,
                        const std::string& model_folder);

// What the matmul library will cache after `micro_batches` micro-batches of `fewest_tokens` up to
// `largest`.
int64_t matmul_cache_bytes(model::Qwen3Vl& model, const MicroBatchShape& largest,
                           int64_t fewest_tokens, int64_t micro_batches);

}  // namespace lmc::train
