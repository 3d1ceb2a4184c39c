#include "runtime/rotary.h"

#include <algorithm>
#include <cmath>

namespace lmc::runtime {

namespace {

constexpr double kVisionTheta = 10000;  // fixed in the reference

// theta^(-2i/width) for i = 0 .. width/2 - 1, in the roundings of the reference.
std::vector<float> inverse_frequencies(double theta, int64_t width) {
  std::vector<float> inverse;
  for (int64_t i = 0; i < width / 2; ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(width);
    inverse.push_back(1.0F / static_cast<float>(std::pow(theta, static_cast<double>(exponent))));
  }
  return inverse;
}

}  // namespace

TextRotary::TextRotary(const spec::TextConfig& config)
    : inverse_J_(inverse_frequencies(config.rope_theta, config.head_dim)),
      axis_J_(inverse_J_.size(), 0) {
  for (size_t axis = 1; axis < 3; ++axis) {
    const auto end = static_cast<size_t>(config.mrope_section[axis] * 3);
    for (size_t j = axis; j < std::min(end, axis_J_.size()); j += 3) axis_J_[j] = axis;
  }
}

void TextRotary::angles(const std::array<int32_t, 3>& position, float* cos_J, float* sin_J) const {
  for (size_t j = 0; j < inverse_J_.size(); ++j) {
    const float angle = static_cast<float>(position[axis_J_[j]]) * inverse_J_[j];
    cos_J[j] = std::cos(angle);
    sin_J[j] = std::sin(angle);
  }
}

VisionRotary::VisionRotary(const spec::VisionConfig& config)
    : inverse_(inverse_frequencies(kVisionTheta, config.head_dim() / 2)) {}

void VisionRotary::angles(int64_t row, int64_t column, float* cos_J, float* sin_J) const {
  size_t j = 0;
  for (const int64_t place : {row, column}) {
    for (const float inverse : inverse_) {
      const float angle = static_cast<float>(place) * inverse;
      cos_J[j] = std::cos(angle);
      sin_J[j++] = std::sin(angle);
    }
  }
}

void rotate(float* x_K, const float* cos_J, const float* sin_J, int64_t pairs) {
  for (int64_t j = 0; j < pairs; ++j) {
    const float first = x_K[j], second = x_K[j + pairs];
    x_K[j] = first * cos_J[j] - second * sin_J[j];
    x_K[j + pairs] = second * cos_J[j] + first * sin_J[j];
  }
}

}  // namespace lmc::runtime
