// What a training run needs in memory, before it starts.
//
// What follows from the model's dimensions and the way a step is computed is counted: every tensor
// that is alive where the most are, at the loss of a full pass or in the layer behind it. What
// libraries take is measured once a sample has gone through them (`program`, `products`).
// docs/decisions/0013-memory-plan.md compares the sum with measured peaks. Bytes throughout.
#pragma once

#include <cstdint>
#include <string>

#include "model/qwen3_vl.h"       // Qwen3Vl
#include "train/training_pass.h"  // PassOptions

namespace lmc::train {

struct MemoryEstimate {
  int64_t program = 0;      // measured: code, libraries and their buffers, after the first sample
  int64_t products = 0;     // what the library of products will keep for shapes it has met
  int64_t weights = 0;      // of the model, as stored
  int64_t widened = 0;      // narrow weights made wide while in use
  int64_t trained = 0;      // trained values, gradients, and the optimiser's moments
  int64_t pictures = 0;     // pixels of the steps at hand, features that are kept
  int64_t activations = 0;  // kept for the backward pass
  int64_t loss = 0;         // logits of a chunk and their gradient; gone when the layers are passed
  int64_t passing = 0;      // what one layer uses while it runs backward
  int64_t freed = 0;        // blocks that the allocator keeps for the next

  int64_t total() const;
};

// The shape of the largest pass.
struct PassShape {
  int64_t tokens = 0;           // of the stream
  int64_t row_tokens = 0;       // of all samples, where some share the stream's
  int64_t learnt_rows = 0;      // that reach the output head
  int64_t patches = 0;          // of its pictures, if the tower runs within the pass
  int64_t largest_picture = 0;  // patches, if it runs ahead of the pass
};

// All but what is measured (`program`, `products`) and what the steps hold (`pictures`).
MemoryEstimate estimate_memory(model::Qwen3Vl& model, int64_t trained_parameters,
                               const PassShape& shape, const PassOptions& options);

// The first of nothing, feed-forward, layers whose estimate fits into `bytes`; layers if none does.
model::Recompute cheapest_recompute(model::Qwen3Vl& model, int64_t trained_parameters,
                                    const PassShape& shape, PassOptions options, int64_t bytes);

// What the process holds on the model's device now that the estimate does not count elsewhere: all
// but weights, trained values and moments. `model_folder`: whose mapped files hold the weights.
int64_t held_by_program(model::Qwen3Vl& model, int64_t trained_parameters,
                        const std::string& model_folder);

// What the library of products will keep after `passes` passes of `fewest_tokens` up to `largest`.
int64_t kept_products(model::Qwen3Vl& model, const PassShape& largest, int64_t fewest_tokens,
                      int64_t passes);

}  // namespace lmc::train
