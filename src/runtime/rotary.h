// Rotary positions: two axes in the vision tower, three interleaved axes in the language model.
//
// Letters: K head width, J = K / 2 its pairs (j, j + J). Angles are f32.
// Mirrors: transformers, Qwen3VLVisionRotaryEmbedding and Qwen3VLTextRotaryEmbedding.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "spec/model_config.h"  // TextConfig, VisionConfig

namespace lmc::runtime {

class TextRotary {
 public:
  explicit TextRotary(const spec::TextConfig& config);
  int64_t pairs() const { return static_cast<int64_t>(inverse_J_.size()); }
  void angles(const std::array<int32_t, 3>& position, float* cos_J, float* sin_J) const;

 private:
  std::vector<float> inverse_J_;
  std::vector<size_t> axis_J_;  // which of the three positions a frequency turns with
};

class VisionRotary {
 public:
  explicit VisionRotary(const spec::VisionConfig& config);
  int64_t pairs() const { return 2 * static_cast<int64_t>(inverse_.size()); }
  void angles(int64_t row, int64_t column, float* cos_J, float* sin_J) const;

 private:
  std::vector<float> inverse_;  // for the row, and again for the column
};

void rotate(float* x_K, const float* cos_J, const float* sin_J, int64_t pairs);

}  // namespace lmc::runtime
