#include "tensorio/dtype.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"  // InputError

namespace lmc::tensorio {
namespace {

TEST(Dtype, NamesAndSizesRoundTrip) {
  for (int i = 0; i < 10; ++i) {
    const auto dtype = static_cast<Dtype>(i);
    EXPECT_EQ(dtype_from_name(dtype_name(dtype), "f"), dtype);
    EXPECT_GT(dtype_bytes(dtype), 0);
  }
  EXPECT_EQ(dtype_bytes(Dtype::kI64), 8);
  EXPECT_EQ(dtype_bytes(Dtype::kBF16), 2);
  EXPECT_THROW(dtype_from_name("F8_E4M3", "f"), InputError);
}

// The value of a half from the definition of the format, with no bit tricks.
double half_value(uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 31) {
    return fraction != 0 ? std::nan("") : sign * std::numeric_limits<double>::infinity();
  }
  return sign *
         (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}

double bfloat_value(uint16_t bits) {
  const int exponent = (bits >> 7) & 0xff;
  const int fraction = bits & 0x7f;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 255) {
    return fraction != 0 ? std::nan("") : sign * std::numeric_limits<double>::infinity();
  }
  return sign *
         (exponent == 0 ? std::ldexp(fraction, -133) : std::ldexp(128 + fraction, exponent - 134));
}

struct Format {
  double (*value)(uint16_t);
  float (*to_float)(uint16_t);
  uint16_t (*from_float)(float);
};

class SixteenBits : public testing::TestWithParam<Format> {};

TEST_P(SixteenBits, EveryPatternRoundTrips) {
  const Format& format = GetParam();
  for (uint32_t i = 0; i < 0x10000; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    const double value = format.value(bits);
    const float as_float = format.to_float(bits);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(as_float)) << i;
      ASSERT_TRUE(std::isnan(format.to_float(format.from_float(as_float)))) << i;
      continue;
    }
    ASSERT_EQ(static_cast<double>(as_float), value) << i;
    ASSERT_EQ(std::signbit(as_float), std::signbit(value)) << i;
    ASSERT_EQ(format.from_float(as_float), bits) << i;
  }
}

// Between each pair of neighbours: just below the middle, the middle, just above it.
TEST_P(SixteenBits, RoundsToNearestHalvesToEven) {
  const Format& format = GetParam();
  for (uint32_t i = 0; i < 0x7fff; ++i) {
    const auto low = static_cast<uint16_t>(i);
    const auto high = static_cast<uint16_t>(i + 1);
    if (!std::isfinite(format.value(low)) || !std::isfinite(format.value(high))) continue;
    // Exact: a float has at least 13 more digits than either format.
    const auto middle = static_cast<float>((format.value(low) + format.value(high)) / 2);
    const uint16_t even = (low & 1) == 0 ? low : high;
    ASSERT_EQ(format.from_float(middle), even) << i;
    ASSERT_EQ(format.from_float(-middle), even | 0x8000) << i;
    ASSERT_EQ(format.from_float(std::nextafter(middle, 0.0f)), low) << i;
    ASSERT_EQ(format.from_float(std::nextafter(middle, INFINITY)), high) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Half, SixteenBits,
                         testing::Values(Format{half_value, float_from_f16, f16_from_float}));
INSTANTIATE_TEST_SUITE_P(Brain, SixteenBits,
                         testing::Values(Format{bfloat_value, float_from_bf16, bf16_from_float}));

TEST(Dtype, LargeValuesBecomeInfinity) {
  EXPECT_EQ(f16_from_float(65519.0f), 0x7bff);  // largest half: 65504; the middle is 65520
  EXPECT_EQ(f16_from_float(65520.0f), 0x7c00);
  EXPECT_EQ(f16_from_float(1e30f), 0x7c00);
  EXPECT_EQ(f16_from_float(-1e30f), 0xfc00);
  EXPECT_EQ(bf16_from_float(std::numeric_limits<float>::max()), 0x7f80);
}

TEST(Dtype, NanWithLowBitsOnlyStaysNan) {
  const float nan = std::bit_cast<float>(0x7f800001u);  // its payload is lost in 16 bits
  EXPECT_TRUE(std::isnan(float_from_bf16(bf16_from_float(nan))));
  EXPECT_TRUE(std::isnan(float_from_f16(f16_from_float(nan))));
}

TEST(Dtype, TinyValuesBecomeZero) {
  EXPECT_EQ(f16_from_float(0x1p-25f), 0);  // the middle of 0 and the smallest half, to even
  EXPECT_EQ(f16_from_float(std::nextafter(0x1p-25f, 1.0f)), 1);
  EXPECT_EQ(f16_from_float(-1e-30f), 0x8000);
  EXPECT_EQ(f16_from_float(std::numeric_limits<float>::denorm_min()), 0);
}

}  // namespace
}  // namespace lmc::tensorio
