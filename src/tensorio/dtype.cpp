#include "tensorio/dtype.h"

#include <array>
#include <bit>
#include <string>

#include "base/check.h"  // InputError

namespace lmc::tensorio {

namespace {

struct DtypeRow {
  Dtype dtype;
  std::string_view name;
  int64_t bytes;
};

// In the order of the enumeration, so that a dtype is its own index.
constexpr std::array<DtypeRow, 10> kDtypes{{{Dtype::kBool, "BOOL", 1},
                                            {Dtype::kU8, "U8", 1},
                                            {Dtype::kI8, "I8", 1},
                                            {Dtype::kI16, "I16", 2},
                                            {Dtype::kI32, "I32", 4},
                                            {Dtype::kI64, "I64", 8},
                                            {Dtype::kF16, "F16", 2},
                                            {Dtype::kBF16, "BF16", 2},
                                            {Dtype::kF32, "F32", 4},
                                            {Dtype::kF64, "F64", 8}}};

const DtypeRow& row_of(Dtype dtype) { return kDtypes.at(static_cast<size_t>(dtype)); }

// `bits` without its last `shift` bits, rounded to nearest, halves to the even side. A carry out of
// the fraction runs into the exponent, which is just what rounding up to the next power needs.
uint32_t shift_right_to_even(uint32_t bits, uint32_t shift) {
  const uint32_t half = 1u << (shift - 1);
  const uint32_t odd = (bits >> shift) & 1u;
  return (bits + half - 1 + odd) >> shift;
}

constexpr uint32_t kFloatInfinity = 0x7f800000u;

}  // namespace

int64_t dtype_bytes(Dtype dtype) { return row_of(dtype).bytes; }

std::string_view dtype_name(Dtype dtype) { return row_of(dtype).name; }

Dtype dtype_from_name(std::string_view name, std::string_view where) {
  std::string known;
  for (const DtypeRow& row : kDtypes) {
    if (row.name == name) return row.dtype;
    known += cat(known.empty() ? "" : ", ", row.name);
  }
  throw InputError(where, cat("dtype \"", name, "\" is not supported; expected one of ", known));
}

float float_from_bf16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

uint16_t bf16_from_float(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  // Rounding could carry a NaN's fraction into infinity or past the sign; a quiet NaN cannot.
  if ((bits & ~0x80000000u) > kFloatInfinity) return static_cast<uint16_t>((bits >> 16) | 0x40u);
  const uint32_t sign = bits & 0x80000000u;
  return static_cast<uint16_t>((sign >> 16) | shift_right_to_even(bits ^ sign, 16));
}

float float_from_f16(uint16_t bits) {
  const uint32_t sign = (bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1fu;
  const uint32_t fraction = bits & 0x3ffu;
  if (exponent == 0) {  // zero or subnormal: a whole number of 2^-24, which float holds exactly
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
  }
  const uint32_t float_exponent = exponent == 31 ? 255 : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (float_exponent << 23) | (fraction << 13));
}

uint16_t f16_from_float(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const uint32_t magnitude = bits & 0x7fffffffu;
  uint32_t half = 0;
  if (magnitude > kFloatInfinity) {
    half = 0x7e00u | ((magnitude >> 13) & 0x3ffu);
  } else if (magnitude >= std::bit_cast<uint32_t>(65536.0f)) {
    half = 0x7c00u;
  } else if (magnitude >= std::bit_cast<uint32_t>(0x1p-14f)) {
    half = shift_right_to_even(magnitude - ((127u - 15u) << 23), 13);
  } else {  // subnormal: count in steps of 2^-24
    const uint32_t exponent = magnitude >> 23;
    const uint32_t shift = 126 - exponent;
    const uint32_t fraction = (magnitude & 0x7fffffu) | 0x800000u;
    half = shift > 24 ? 0 : shift_right_to_even(fraction, shift);
  }
  return static_cast<uint16_t>(sign | half);
}

}  // namespace lmc::tensorio
