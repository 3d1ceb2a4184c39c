#include "runtime/quantise.h"

#include <algorithm>
#include <cmath>

#include "tensorio/dtype.h"  // bf16_from_float, float_from_bf16

namespace lmc::runtime {

namespace {

struct Fit {
  uint16_t scale = 0;
  double error = 0;
};

// Rounds the weights to multiples of a scale, and says by how much they change. Products of the
// weight by the integer, and its square, give the best scale for these integers.
struct Rounded {
  double error = 0;
  double weight_by_integer = 0;
  double integer_squares = 0;
};

Rounded round_to(std::span<const float> weights, float scale, float lowest, float highest) {
  Rounded rounded;
  const float inverse = 1 / scale;
  for (const float weight : weights) {
    const float integer = std::clamp(std::nearbyint(weight * inverse), lowest, highest);
    const double difference = static_cast<double>(weight) - static_cast<double>(integer) * scale;
    rounded.error += difference * difference;
    rounded.weight_by_integer += static_cast<double>(weight) * integer;
    rounded.integer_squares += static_cast<double>(integer) * integer;
  }
  return rounded;
}

}  // namespace

uint16_t quantise_group(std::span<const float> weights, int limit, std::span<int8_t> integers) {
  const auto highest = static_cast<float>(limit);
  // Two's complement has one more number below; 8 bits leave it unused, as kernels take sizes.
  const float lowest = limit == 7 ? -8.0F : -highest;
  float largest = 0;  // with its sign
  for (const float weight : weights) {
    if (std::abs(weight) > std::abs(largest)) largest = weight;
  }
  std::fill(integers.begin(), integers.end(), int8_t{0});
  if (largest == 0) return 0;

  Fit best{0, -1};
  const auto consider = [&](float wanted) {
    const uint16_t bits = tensorio::bf16_from_float(wanted);
    const float scale = tensorio::float_from_bf16(bits);
    if (scale == 0 || !std::isfinite(1 / scale)) return 0.0F;
    const Rounded rounded = round_to(weights, scale, lowest, highest);
    if (best.error < 0 || rounded.error < best.error) best = {bits, rounded.error};
    return rounded.integer_squares > 0
               ? static_cast<float>(rounded.weight_by_integer / rounded.integer_squares)
               : 0.0F;
  };
  if (limit == 7) {
    // The largest weight becomes -8, or what lies around it.
    for (int step = -4; step <= 5; ++step) {
      const float refined = consider(largest / (lowest + 0.35F * static_cast<float>(step)));
      if (refined != 0) consider(refined);
    }
  } else {
    consider(std::abs(largest) / highest);
    // bf16 may have rounded down, and the largest weight would be cut.
    consider(std::abs(largest) / highest * (1 + 0x1p-8F));
  }
  const float scale = tensorio::float_from_bf16(best.scale);
  for (size_t i = 0; i < weights.size() && scale != 0; ++i) {
    integers[i] =
        static_cast<int8_t>(std::clamp(std::nearbyint(weights[i] * (1 / scale)), lowest, highest));
  }
  return best.scale;
}

}  // namespace lmc::runtime
