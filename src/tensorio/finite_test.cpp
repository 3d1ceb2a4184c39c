#include "tensorio/finite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "base/check.h"  // InputError

namespace lmc::tensorio {
namespace {

using testing::HasSubstr;

template <class Value>
std::optional<int64_t> first_of(const std::vector<Value>& values, Dtype dtype) {
  return first_not_finite(std::as_bytes(std::span(values)), dtype);
}

TEST(Finite, EveryBitPatternOf16Bits) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const std::vector<uint16_t> one{static_cast<uint16_t>(bits)};
    EXPECT_EQ(first_of(one, Dtype::kBF16).has_value(), !std::isfinite(float_from_bf16(one[0])))
        << bits;
    EXPECT_EQ(first_of(one, Dtype::kF16).has_value(), !std::isfinite(float_from_f16(one[0])))
        << bits;
  }
}

// Beyond a piece and a block, so that the index is made of all three.
TEST(Finite, TheFirstOfSeveral) {
  std::vector<float> values((1 << 21) + 5000, 1e38F);
  EXPECT_EQ(first_of(values, Dtype::kF32), std::nullopt);
  values.back() = NAN;
  EXPECT_EQ(first_of(values, Dtype::kF32), std::ssize(values) - 1);
  values[(1 << 20) + 4097] = -INFINITY;
  EXPECT_EQ(first_of(values, Dtype::kF32), (1 << 20) + 4097);
  EXPECT_EQ(first_of(std::vector<double>{0, -1e308, INFINITY}, Dtype::kF64), 2);
}

TEST(Finite, IntegersAreNumbers) {
  EXPECT_EQ(first_of(std::vector<uint16_t>(9, 0xFFFF), Dtype::kI16), std::nullopt);
  EXPECT_EQ(first_of(std::vector<int64_t>(9, -1), Dtype::kI64), std::nullopt);
  EXPECT_EQ(first_of(std::vector<float>{}, Dtype::kF32), std::nullopt);
}

TEST(Finite, SaysWhatAndWhere) {
  const auto error_of = [](float value) -> std::string {
    const std::vector<float> values{0, 1, value};
    try {
      check_finite({{"w", Dtype::kF32, {3, 1}}, std::as_bytes(std::span(values))},
                   "f.safetensors: tensor w");
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(error_of(NAN), HasSubstr("f.safetensors: tensor w: holds NaN (element 2 of 3)"));
  EXPECT_THAT(error_of(-INFINITY), HasSubstr("holds infinity (element 2 of 3)"));
  EXPECT_EQ(error_of(-0.0F), "no error");
}

}  // namespace
}  // namespace lmc::tensorio
