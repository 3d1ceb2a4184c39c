// The two halves of the forward pass, as functions over weights.
//
// Letters: P patches, M image tokens, N tokens, D vision width, H hidden width.
#pragma once

#include <utility>
#include <vector>

#include "model/modules.h"          // VisionTower, LanguageModel
#include "model/paged_attention.h"  // PagedBatch
#include "model/qwen3_vl.h"         // Batch, ForwardMode, Tap, VisionFeatures

namespace lmc::model {

VisionFeatures vision_forward(const VisionTower& tower, const spec::VisionConfig& config,
                              const torch::Tensor& pixel_values_PF,
                              const std::vector<std::pair<int64_t, int64_t>>& grids,
                              const ForwardMode& mode, const Tap& tap);

// Learned positions of a 48 x 48 table (whatever its side), interpolated to each grid with corners
// aligned, in merge order. [P, D] in the table's dtype; computed in f32.
torch::Tensor interpolate_positions(const VisionTower& tower, const spec::VisionConfig& config,
                                    const std::vector<std::pair<int64_t, int64_t>>& grids);

// `vision` is null for a batch without images.
torch::Tensor language_forward(const LanguageModel& model, const spec::ModelConfig& config,
                               const Batch& batch, const VisionFeatures* vision,
                               const PagedBatch* cache, const Tap& tap);

}  // namespace lmc::model
