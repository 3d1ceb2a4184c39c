// Every tensor of a checkpoint as data: name, shape, role. Loader, initialiser and exporter read
// this one table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/model_config.h"  // ModelConfig

namespace lmc::spec {

enum class TensorRole {
  kEmbedding,  // token table (and output head when tied)
  kLinear,     // weight of a linear layer, [out, in]
  kBias,
  kNormScale,
  kNormBias,
  kPosition,    // learned vision positions
  kPatchEmbed,  // [width, channels, frames, patch, patch], used as a linear layer
};

struct TensorSpec {
  std::string name;  // as in Hugging Face checkpoints
  std::vector<int64_t> shape;
  TensorRole role = TensorRole::kLinear;

  int64_t num_elements() const;
};

// In checkpoint order: vision tower, language model, head.
std::vector<TensorSpec> tensor_table(const ModelConfig& config);

// A module path without what torch.compile, DataParallel and FSDP put around modules
// ("_orig_mod.", "module.").
std::string without_wrappers(std::string path);

// The Hugging Face name of a tensor stored under one of the older spellings ("visual.",
// "model.layers.", "_orig_mod.") or nullopt for names that belong to no tensor of this architecture
// and may be ignored (rotary buffers). An unknown name comes back without its wrappers.
std::optional<std::string> canonical_tensor_name(const std::string& stored);
// The same of the whole path of a module, which comes back as it is when it has no such name.
std::string canonical_module_path(const std::string& path);

// The modules that LoRA can target: the path of every linear layer except the output head
// ("model.language_model.layers.0.self_attn.q_proj"), with its sizes.
struct LinearSpec {
  std::string path;
  int64_t in_features = 0;
  int64_t out_features = 0;
};
std::vector<LinearSpec> linear_table(const ModelConfig& config);

}  // namespace lmc::spec
