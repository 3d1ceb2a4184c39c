// What the model takes: token ids, positions on three axes, image patches, and which tokens count
// for the loss.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "image/preprocess.h"  // PatchGrid

namespace lmc::prompt {

// One conversation, ready for an engine. Positions follow M-RoPE: row 0 time, 1 height, 2 width.
struct ModelInput {
  std::vector<int32_t> ids;
  std::array<std::vector<int32_t>, 3> positions;
  std::vector<std::shared_ptr<const image::PatchGrid>> images;  // in order of their tokens
  std::vector<uint8_t> is_target;  // 1: this token is part of the reply the student learns

  // Position of the token that follows, the same on all three axes.
  int32_t next_position = 0;
};

// Continues an input with tokens of text. An input without positions stays so.
void append_text(std::span<const int32_t> ids, ModelInput& input);

// M-RoPE positions of a sequence in which image k fills (grid_h / merge) x (grid_w / merge)
// consecutive image tokens. Returns next_position.
// Mirrors: transformers, Qwen3VLModel.get_rope_index, for images.
// Errors: InternalError when image tokens and grids disagree.
int32_t mrope_positions(std::span<const int32_t> ids, int32_t image_token_id, int64_t merge_size,
                        std::span<const std::shared_ptr<const image::PatchGrid>> images,
                        std::array<std::vector<int32_t>, 3>& positions);

}  // namespace lmc::prompt
