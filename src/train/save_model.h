// A trained model as a Hugging Face folder.
#pragma once

#include <string>

#include "model/qwen3_vl.h"  // Qwen3Vl

namespace lmc::train {

// The dtype of a checkpoint's first tensor.
torch::Dtype stored_dtype_of(const std::string& folder);

// Writes model.safetensors in `dtype`, copies tokenizer, template and preprocessor files from
// `base_folder`, and config.json last: a folder with it is complete.
void save_model(model::Qwen3Vl& model, torch::Dtype dtype, const std::string& base_folder,
                const std::string& folder);

}  // namespace lmc::train
