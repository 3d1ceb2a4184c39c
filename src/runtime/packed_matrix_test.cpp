#include "runtime/packed_matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/check.h"        // InputError
#include "base/random.h"       // Random
#include "runtime/quantise.h"  // quantise_group
#include "tensorio/dtype.h"    // float_from_bf16

namespace lmc::runtime {
namespace {

std::vector<float> random_values(size_t count) {
  Random random(1);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.normal() * 0.02);
  return values;
}

double relative_rms(std::span<const float> expected, std::span<const float> found) {
  double error = 0, scale = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    error += std::pow(double{expected[i]} - found[i], 2);
    scale += std::pow(double{expected[i]}, 2);
  }
  return std::sqrt(error / scale);
}

// Of a normal distribution: 8 bits spread the largest of a group (about 2.6 deviations) over 127
// steps, an error of 1 / sqrt(12) of a step: 0.6 %; 4 bits over 8 steps: 9.4 %, less what the
// search gains.
TEST(PackedMatrix, RowsComeBackAsCloseAsTheirFormAllows) {
  struct Case {
    MatrixForm form;
    int64_t group;
    double most;
  };
  for (const auto& [form, group, most] :
       {Case{MatrixForm::kF32, 0, 0}, Case{MatrixForm::kBF16, 0, 0x1p-9},
        Case{MatrixForm::kInt8, 64, 0.008}, Case{MatrixForm::kInt4, 32, 0.090},
        Case{MatrixForm::kInt4, 64, 0.100}}) {
    const MatrixLayout layout{form, 37, 200, group};
    const auto values = random_values(37 * 200);
    const std::vector<std::byte> bytes = pack_matrix(layout, values);
    const PackedMatrix matrix(layout, bytes);
    std::vector<float> back(values.size());
    for (int64_t o = 0; o < 37; ++o) {
      matrix.read_row(o, std::span(back).subspan(static_cast<size_t>(o) * 200, 200));
    }
    const double error = relative_rms(values, back);
    EXPECT_LE(error, most) << form_name(form) << " " << group;
    if (most > 0) EXPECT_GT(error, 0) << form_name(form);
  }
}

TEST(PackedMatrix, BytesAreThoseOfTheFormat) {
  // Output 1 of a panel, inputs 0 .. 31: 31 integers of one scale, exactly.
  std::vector<float> values(2 * 32, 0);
  for (int64_t i = 0; i < 32; ++i)
    values[static_cast<size_t>(32 + i)] = 0.5F * static_cast<float>(i % 16 - 8);
  const MatrixLayout layout{MatrixForm::kInt4, 2, 32, 32};
  EXPECT_EQ(layout.num_bytes(), 320);  // 32 x 16 / 2 + 32, filled up to a multiple of 64
  const std::vector<std::byte> bytes = pack_matrix(layout, values);
  EXPECT_EQ(bytes[4], std::byte{0x40});        // inputs 0 and 4: -8 and -4
  EXPECT_EQ(bytes[5], std::byte{0x51});        // inputs 1 and 5
  EXPECT_EQ(bytes[64 + 4], std::byte{0xc8});   // inputs 8 and 12: 0 and 4
  EXPECT_EQ(bytes[0], std::byte{0x88});        // output 0 is zero
  EXPECT_EQ(bytes[256 + 2], std::byte{0x00});  // bf16 0.5 is 0x3f00
  EXPECT_EQ(bytes[256 + 3], std::byte{0x3f});
  const MatrixLayout wide{MatrixForm::kInt8, 2, 32, 32};
  const std::vector<std::byte> eight = pack_matrix(wide, values);
  EXPECT_EQ(eight[4], static_cast<std::byte>(-127));          // input 0, the largest
  EXPECT_EQ(eight[64 + 4 + 3], static_cast<std::byte>(-16));  // input 7: -1/8 of it
}

TEST(Quantise, ASearchedScaleIsNoWorseThanThePlainOne) {
  const auto values = random_values(64 * 50);
  double searched = 0, plain = 0;
  for (size_t begin = 0; begin < values.size(); begin += 64) {
    const auto group = std::span(values).subspan(begin, 64);
    std::vector<int8_t> integers(64);
    const float scale = tensorio::float_from_bf16(quantise_group(group, 7, integers));
    float largest = 0;
    for (const float value : group) {
      if (std::abs(value) > std::abs(largest)) largest = value;
    }
    const float simple = largest / -8;
    for (size_t i = 0; i < 64; ++i) {
      searched += std::pow(group[i] - static_cast<float>(integers[i]) * scale, 2);
      const float rounded = std::min(7.0F, std::max(-8.0F, std::nearbyint(group[i] / simple)));
      plain += std::pow(group[i] - rounded * simple, 2);
    }
  }
  EXPECT_LT(searched, 0.92 * plain);
}

TEST(Quantise, ZerosStayZeros) {
  const std::vector<float> zeros(32, 0);
  std::vector<int8_t> integers(32, 5);
  EXPECT_EQ(quantise_group(zeros, 7, integers), 0);
  EXPECT_EQ(integers, std::vector<int8_t>(32, 0));
}

TEST(MatrixForm, NamesGoThereAndBack) {
  for (const auto form :
       {MatrixForm::kF32, MatrixForm::kBF16, MatrixForm::kInt8, MatrixForm::kInt4}) {
    EXPECT_EQ(form_from_name(form_name(form), "f"), form);
  }
  EXPECT_THROW(form_from_name("panels-int3", "f"), InputError);
}

}  // namespace
}  // namespace lmc::runtime
