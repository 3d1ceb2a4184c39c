// From stored tensors to torch tensors.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

#include "model/qwen3_vl.h"        // LoadOptions
#include "spec/stored_tensors.h"   // StoredTensors
#include "tensorio/safetensors.h"  // Checkpoint

namespace lmc::model {

torch::Dtype torch_dtype(tensorio::Dtype dtype, const std::string& where);
tensorio::Dtype stored_dtype(torch::Dtype dtype);

// A tensor over the mapped bytes where dtype, device and alignment allow it (the mapping must
// outlive it, and it must not be written to), else a copy.
torch::Tensor to_torch(const tensorio::TensorView& view, const std::string& where,
                       const LoadOptions& options);

// Fills every tensor of the table from those that the checkpoint stores.
// Errors: InputError for a tensor that is missing, left over, of another shape, or holds NaN or
// infinity.
void load_weights(const tensorio::Checkpoint& checkpoint, spec::StoredTensors stored,
                  const spec::ModelConfig& config,
                  const std::map<std::string, torch::Tensor*>& targets, const LoadOptions& options);

}  // namespace lmc::model
