// Rotary positions: two axes in the vision tower, three interleaved axes in the language model.
//
// Letters: N tokens, P patches, K head width. Angles are always f32.
// Mirrors: transformers, Qwen3VLVisionRotaryEmbedding and Qwen3VLTextRotaryEmbedding.
#pragma once

#include <torch/types.h>

#include <utility>
#include <vector>

#include "spec/model_config.h"  // ModelConfig

namespace lmc::model {

struct RotaryTable {
  torch::Tensor cos_NK;  // over the whole head: the two halves are equal
  torch::Tensor sin_NK;
};

// Patches of all images in merge order; grids hold (down, across).
RotaryTable vision_rotary(const spec::VisionConfig& config,
                          const std::vector<std::pair<int64_t, int64_t>>& grids,
                          torch::Device device);

// Frequency i turns with time, height or width in the order T H W T H W ...; the frequencies that
// mrope_section leaves over turn with time.
RotaryTable text_rotary(const spec::TextConfig& config, const torch::Tensor& positions_3N,
                        torch::Dtype dtype);

// Rotates the pairs (d, d + K/2). x is [N, heads, K]; computed in the table's dtype or wider.
torch::Tensor rotate(const torch::Tensor& x_NHK, const RotaryTable& table);

}  // namespace lmc::model
