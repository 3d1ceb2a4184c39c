// The tensors that a checkpoint stores, by the names of tensor_table, whoever wrote them.
#pragma once

#include <map>
#include <string>

#include "spec/model_config.h"     // ModelConfig
#include "tensorio/safetensors.h"  // Checkpoint, TensorView

namespace lmc::spec {

struct StoredTensor {
  const tensorio::TensorView* view = nullptr;  // lives as long as the checkpoint
  std::string where;                           // file and stored name, for errors
};

using StoredTensors = std::map<std::string, StoredTensor>;

// By canonical_tensor_name; tensors that may be ignored are left out.
// Errors: InputError when one tensor is stored under two names.
StoredTensors stored_tensors(const tensorio::Checkpoint& checkpoint);

// What is computed with these tensors: where the embedding is said to be the output head as well
// (tied) but another head is stored, the model has a head of its own. Where they hold the same
// values, the stored head is the embedding again and is removed from `stored`.
// Mirrors: transformers 5, PreTrainedModel.tie_weights.
ModelConfig config_for(ModelConfig config, StoredTensors& stored);

}  // namespace lmc::spec
