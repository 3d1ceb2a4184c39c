// What a training run needs in memory, before it starts.
//
// Counted from the model's dimensions and the way a step is computed: every tensor that is alive
// where the most are (at the loss of a full pass), plus what libtorch itself takes. The bench
// compares it with the measured peak. Bytes throughout.
#pragma once

#include <cstdint>

#include "model/qwen3_vl.h"       // Qwen3Vl
#include "train/training_pass.h"  // PassOptions

namespace lmc::train {

struct MemoryEstimate {
  int64_t program = 0;      // libtorch and the program, before any weight
  int64_t weights = 0;      // of the model, as stored
  int64_t widened = 0;      // narrow weights made wide while in use
  int64_t trained = 0;      // trained values, gradients, and the optimiser's moments
  int64_t activations = 0;  // kept for the backward pass
  int64_t loss = 0;         // logits of a chunk and their gradient
  int64_t passing = 0;      // what one layer uses while it runs

  int64_t total() const {
    return program + weights + widened + trained + activations + loss + passing;
  }
};

// The shape of the largest pass.
struct PassShape {
  int64_t tokens = 0;           // of the stream
  int64_t row_tokens = 0;       // of all samples, where some share the stream's
  int64_t learnt_rows = 0;      // that reach the output head
  int64_t patches = 0;          // of its pictures, if the tower runs within the pass
  int64_t largest_picture = 0;  // patches, if it runs ahead of the pass
};

MemoryEstimate estimate_memory(model::Qwen3Vl& model, int64_t trained_parameters,
                               const PassShape& shape, const PassOptions& options);

// Of the device or the machine, free now; 0: not known.
int64_t free_memory(torch::Device device);

// The most this process has held so far (its resident set; on a GPU, what the allocator handed
// out); 0: not known.
int64_t peak_memory(torch::Device device);

// The first of nothing, feed-forward, layers that fits into `bytes`; layers if none does.
model::Recompute cheapest_recompute(model::Qwen3Vl& model, int64_t trained_parameters,
                                    const PassShape& shape, PassOptions options, int64_t bytes);

}  // namespace lmc::train
