// Mirrors: transformers, Qwen3VLVisionModel.forward.
#include <ATen/ops/cat.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linspace.h>

#include <numeric>

#include "base/check.h"       // LMC_CHECK
#include "model/attention.h"  // segment_attention
#include "model/forward.h"
#include "model/padded_rows.h"  // pad_rows
#include "model/recompute.h"    // recomputed
#include "model/rotary.h"       // vision_rotary

namespace lmc::model {

namespace {

// One axis of the interpolation: the table rows below and above each place, and the share of the
// latter.
struct AxisTaps {
  torch::Tensor low, high, share;
};

AxisTaps axis_taps(int64_t table_side, int64_t places, torch::Device device) {
  const auto at_places = at::linspace(0, static_cast<double>(table_side - 1), places,
                                      torch::TensorOptions(torch::kFloat32).device(device));
  const auto low = at_places.floor().to(torch::kInt64);
  return {low, (low + 1).clamp_max(table_side - 1), at_places - low};
}

torch::Tensor block_forward(const VisionBlock& block, const torch::Tensor& x_PD, int64_t num_heads,
                            const RotaryTable& rotary, const std::vector<int64_t>& segments,
                            const std::optional<DropoutContext>& dropout) {
  const int64_t patches = x_PD.size(0);
  const auto qkv =
      block.qkv.forward(block.norm1.forward(x_PD), dropout).reshape({patches, 3, num_heads, -1});
  const auto q_PAK = rotate(qkv.select(1, 0), rotary);
  const auto k_PAK = rotate(qkv.select(1, 1), rotary);
  const int64_t own = std::accumulate(segments.begin(), segments.end(), int64_t{0});
  const auto attended = segment_attention(q_PAK.narrow(0, 0, own), k_PAK.narrow(0, 0, own),
                                          qkv.select(1, 2).narrow(0, 0, own), segments, false);
  const auto x = x_PD + block.proj.forward(pad_rows(attended, patches), dropout);
  const auto up = block.fc1.forward(block.norm2.forward(x), dropout);
  return x + block.fc2.forward(at::gelu(up, "tanh"), dropout);
}

}  // namespace

torch::Tensor interpolate_positions(const VisionTower& tower, const spec::VisionConfig& config,
                                    const std::vector<std::pair<int64_t, int64_t>>& grids) {
  const auto& table_GD = tower.position_embed_GD;
  int64_t side = 1;
  while (side * side < config.num_position_embeddings) ++side;
  const int64_t merge = config.spatial_merge_size;
  const int64_t width = table_GD.size(1);
  std::vector<torch::Tensor> parts;
  for (const auto& [down, across] : grids) {
    const AxisTaps y = axis_taps(side, down, table_GD.device());
    const AxisTaps x = axis_taps(side, across, table_GD.device());
    const auto corner = [&](const torch::Tensor& row, const torch::Tensor& column,
                            const torch::Tensor& row_share, const torch::Tensor& column_share) {
      const auto index = (row.unsqueeze(1) * side + column.unsqueeze(0)).reshape({-1});
      const auto weight = (row_share.unsqueeze(1) * column_share.unsqueeze(0)).reshape({-1, 1});
      return table_GD.index_select(0, index).to(torch::kFloat32) * weight;
    };
    const auto sum = corner(y.low, x.low, 1 - y.share, 1 - x.share) +
                     corner(y.low, x.high, 1 - y.share, x.share) +
                     corner(y.high, x.low, y.share, 1 - x.share) +
                     corner(y.high, x.high, y.share, x.share);
    parts.push_back(sum.reshape({down / merge, merge, across / merge, merge, width})
                        .permute({0, 2, 1, 3, 4})
                        .reshape({-1, width}));
  }
  return at::cat(parts).to(table_GD.scalar_type());
}

VisionFeatures vision_forward(const VisionTower& tower, const spec::VisionConfig& config,
                              const torch::Tensor& pixel_values_PF,
                              const std::vector<std::pair<int64_t, int64_t>>& grids,
                              const ForwardMode& mode, const Tap& tap) {
  std::vector<int64_t> segments;
  for (const auto& [down, across] : grids) segments.push_back(down * across);
  const int64_t block_patches = config.spatial_merge_size * config.spatial_merge_size;

  const auto dtype = tower.patch_embed.weight_OI.scalar_type();
  // A convolution whose kernel is as large as its stride is a linear layer.
  Linear patch_embed = tower.patch_embed;
  patch_embed.weight_OI = patch_embed.weight_OI.flatten(1);
  auto x_PD = patch_embed.forward(pixel_values_PF.to(dtype));
  if (tap) tap("vision.patch_embed", x_PD);
  const int64_t patches = x_PD.size(0);
  x_PD = pad_rows(x_PD + interpolate_positions(tower, config, grids), padded_rows(x_PD));
  RotaryTable rotary = vision_rotary(config, grids, x_PD.device());
  rotary = {pad_rows(rotary.cos_NK, x_PD.size(0)), pad_rows(rotary.sin_NK, x_PD.size(0))};
  // What a merger makes of the patches that are there. It takes whole blocks: the stream's length
  // after filling up need be no multiple of theirs.
  const int64_t in_blocks = x_PD.size(0) / block_patches * block_patches;
  const auto merged = [&](const PatchMerger& merger) {
    return merger.forward(x_PD.narrow(0, 0, in_blocks), block_patches, mode.dropout)
        .narrow(0, 0, patches / block_patches);
  };

  VisionFeatures features;
  for (size_t i = 0; i < tower.blocks.size(); ++i) {
    const VisionBlock& block = tower.blocks[i];
    const Block forward = [&block, heads = config.num_heads, rotary, segments,
                           dropout = mode.dropout](const auto& x) {
      return block_forward(block, x, heads, rotary, segments, dropout);
    };
    x_PD = mode.recompute == Recompute::kLayers
               ? recomputed(forward, x_PD,
                            trained_among({&block.qkv, &block.proj, &block.fc1, &block.fc2},
                                          {&block.norm1.weight_D, &block.norm1.bias_D,
                                           &block.norm2.weight_D, &block.norm2.bias_D}))
               : forward(x_PD);
    if (tap) tap(cat("vision.block.", i), x_PD.narrow(0, 0, patches));
    const size_t taps = features.deepstack_MH.size();
    if (taps < config.deepstack_indexes.size() &&
        config.deepstack_indexes[taps] == static_cast<int64_t>(i)) {
      features.deepstack_MH.push_back(merged(tower.deepstack_mergers[taps]));
      if (tap) tap(cat("vision.deepstack.", taps), features.deepstack_MH.back());
    }
  }
  features.merged_MH = merged(tower.merger);
  if (tap) tap("vision.merger", features.merged_MH);
  return features;
}

}  // namespace lmc::model
