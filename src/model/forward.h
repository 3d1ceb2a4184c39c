// The two halves of the forward pass, as functions over weights.
//
// Letters: P patches, M picture tokens, N tokens, D vision width, H hidden width.
#pragma once

#include <utility>
#include <vector>

#include "model/kv_cache.h"  // KvCache
#include "model/modules.h"   // VisionTower, LanguageModel
#include "model/qwen3_vl.h"  // Batch, Tap

namespace lmc::model {

struct VisionFeatures {
  torch::Tensor merged_MH;                  // replace the embeddings of picture tokens
  std::vector<torch::Tensor> deepstack_MH;  // added after the first decoder layers
};

VisionFeatures vision_forward(const VisionTower& tower, const spec::VisionConfig& config,
                              const torch::Tensor& pixel_values_PF,
                              const std::vector<std::pair<int64_t, int64_t>>& grids,
                              const Tap& tap);

// Learned positions of a 48 x 48 table (whatever its side), interpolated to each grid with corners
// aligned, in merge order. [P, D] in the table's dtype; computed in f32.
torch::Tensor interpolate_positions(const VisionTower& tower, const spec::VisionConfig& config,
                                    const std::vector<std::pair<int64_t, int64_t>>& grids);

// `vision` is null for a batch without pictures.
torch::Tensor language_forward(const LanguageModel& model, const spec::ModelConfig& config,
                               const Batch& batch, const VisionFeatures* vision, KvCache* cache,
                               const Tap& tap);

}  // namespace lmc::model
