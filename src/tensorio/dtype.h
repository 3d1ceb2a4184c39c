// Element types of stored tensors and exact conversions between the 16-bit forms and float.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lmc::tensorio {

enum class Dtype { kBool, kU8, kI8, kI16, kI32, kI64, kF16, kBF16, kF32, kF64 };

int64_t dtype_bytes(Dtype dtype);
std::string_view dtype_name(Dtype dtype);  // the safetensors word: "BF16"
Dtype dtype_from_name(std::string_view name, std::string_view where);

float float_from_bf16(uint16_t bits);
uint16_t bf16_from_float(float value);  // rounds to nearest even; NaN stays NaN
float float_from_f16(uint16_t bits);
uint16_t f16_from_float(float value);

}  // namespace lmc::tensorio
