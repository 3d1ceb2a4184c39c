// One stored value as a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "tensorio/dtype.h"        // Dtype
#include "tensorio/safetensors.h"  // TensorView

namespace lmc::tensorio {

// Element `i` of a tensor of F32, BF16 or F16. The bytes need not be aligned.
inline float float_value(const TensorView& view, size_t i) {
  const std::byte* bytes = view.bytes.data();
  if (view.info.dtype == Dtype::kF32) {
    float value = 0;
    std::memcpy(&value, bytes + sizeof value * i, sizeof value);
    return value;
  }
  uint16_t half = 0;
  std::memcpy(&half, bytes + sizeof half * i, sizeof half);
  return view.info.dtype == Dtype::kBF16 ? float_from_bf16(half) : float_from_f16(half);
}

}  // namespace lmc::tensorio
