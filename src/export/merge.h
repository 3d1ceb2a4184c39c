// A base model and its adapter (merged_tensors.h) as one ordinary Hugging Face folder.
//
// The sum is made in float32 and rounded once, to the dtype of the new folder. One tensor is in
// memory at a time, so any size merges on any machine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tensorio/dtype.h"  // Dtype

namespace lmc::exporting {

struct MergeOptions {
  std::string model;    // folder of the base
  std::string adapter;  // folder of the adapter; empty: none
  std::string out;      // must not exist
  // Of the new folder: F32, F16 or BF16; none: as stored.
  std::optional<tensorio::Dtype> dtype = {};
};

struct Merged {
  int64_t tensors = 0;
  int64_t corrected = 0;                          // layers
  double largest_change = 0;                      // of a weight, in float32
  tensorio::Dtype dtype = tensorio::Dtype::kF32;  // the narrowest in the new folder
};

// `check` sees the finished folder under a temporary name and may add to it; if it throws, nothing
// stays. `on_tensor` is called after each tensor with done and total.
// Errors: InputError for unreadable folders, an adapter of another model, and an `out` that exists.
Merged merge(const MergeOptions& options, const std::function<void(int64_t, int64_t)>& on_tensor,
             const std::function<void(const std::string& folder, const Merged&)>& check);

}  // namespace lmc::exporting
