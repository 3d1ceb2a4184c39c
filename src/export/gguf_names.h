// What llama.cpp calls the tensors of Qwen3-VL, and which element types it takes them in.
//
// A model is two files: the language model, and the vision tower with its mergers ("mmproj").
// Mirrors: llama.cpp's convert_hf_to_gguf.py (Qwen3VLTextModel, Qwen3VLVisionModel).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "export/gguf_file.h"   // GgufTensor, GgufType
#include "spec/model_config.h"  // ModelConfig
#include "spec/tensor_table.h"  // TensorSpec

namespace lmc::exporting {

// As a user names them; Q4_0 keeps what is no decoder layer at 8 bits, as its loss is seen first
// there.
enum class GgufWeights { kF32, kF16, kBF16, kQ8_0, kQ4_0 };

struct GgufSource {
  GgufTensor tensor;
  spec::TensorSpec from;
  bool is_vision = false;
  // The patch embedding is taken apart by frames: [width, channels, frames, rows, columns] gives one
  // tensor for each of them.
  std::optional<int64_t> frame;
};

// The tensors that one of the checkpoint becomes.
// Errors: InputError for a tower of other than two frames, which llama.cpp does not know.
std::vector<GgufSource> gguf_sources(const spec::TensorSpec& tensor,
                                     const spec::VisionConfig& vision, GgufWeights weights);

}  // namespace lmc::exporting
