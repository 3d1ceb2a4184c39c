// Every tier this machine can run against the scalar one, and that against sums made otherwise.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/check.h"             // cat
#include "base/random.h"            // Random
#include "base/sha256.h"            // sha256_hex
#include "runtime/kernels/tiers.h"  // find_tier, tier_names
#include "runtime/packed_matrix.h"  // pack_matrix
#include "tensorio/dtype.h"         // float_from_bf16

namespace lmc::runtime {
namespace {

std::vector<float> random_values(size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

// Rows as bytes, with room for whole groups.
struct Bytes {
  std::vector<int8_t> bytes;
  std::vector<float> scales;
  std::vector<int32_t> sums;
  std::vector<int16_t> shorts;
  ByteRows rows;
};

Bytes to_bytes(const Kernels& kernels, const std::vector<float>& x, int64_t count, int64_t width,
               int64_t group) {
  Bytes made;
  const int64_t groups = (width + group - 1) / group;
  made.bytes.assign(static_cast<size_t>(count * groups * group), 99);
  made.scales.resize(static_cast<size_t>(count * groups));
  made.sums.resize(static_cast<size_t>(count * groups));
  made.rows = {made.bytes.data(), groups * group, made.scales.data(),
               made.sums.data(),  groups,         count};
  if (kernels.takes_shorts) {
    made.shorts.resize(made.bytes.size());
    made.rows.shorts = made.shorts.data();
    made.rows.shorts_stride = made.rows.stride;
  }
  for (int64_t r = 0; r < count; ++r) {
    kernels.to_bytes(
        &x[static_cast<size_t>(r * width)], width, group,
        &made.bytes[static_cast<size_t>(r * groups * group)],
        kernels.takes_shorts ? &made.shorts[static_cast<size_t>(r * groups * group)] : nullptr,
        &made.scales[static_cast<size_t>(r * groups)], &made.sums[static_cast<size_t>(r * groups)]);
  }
  return made;
}

std::vector<float> panel(const Kernels& kernels, const PackedMatrix& matrix, int64_t index,
                         const std::vector<float>& x, int64_t count) {
  const MatrixLayout& layout = matrix.layout();
  std::vector<float> out(static_cast<size_t>(count * kPanelOutputs), -1);
  const std::byte* elements = matrix.elements(index);
  if (layout.is_integer()) {
    const Bytes bytes = to_bytes(kernels, x, count, layout.inputs, layout.group);
    if (layout.form == MatrixForm::kInt8) {
      kernels.panel_int8(reinterpret_cast<const int8_t*>(elements), matrix.scales(index),
                         bytes.rows, layout.group, out.data());
    } else {
      kernels.panel_int4(reinterpret_cast<const uint8_t*>(elements), matrix.scales(index),
                         bytes.rows, layout.group, out.data());
    }
    return out;
  }
  const FloatRows rows{x.data(), layout.inputs, count};
  if (layout.form == MatrixForm::kF32) {
    kernels.panel_f32(reinterpret_cast<const float*>(elements), rows, layout.inputs, out.data());
  } else {
    kernels.panel_bf16(reinterpret_cast<const uint16_t*>(elements), rows, layout.inputs,
                       out.data());
  }
  return out;
}

class KernelsTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    tier_ = find_tier(GetParam());
    if (tier_ == nullptr) GTEST_SKIP() << "this machine lacks the instructions of " << GetParam();
  }

  const Kernels* tier_ = nullptr;
};

constexpr MatrixLayout kLayouts[] = {
    {MatrixForm::kF32, 20, 37, 0},
    {MatrixForm::kBF16, 16, 50, 0},
    {MatrixForm::kInt8, 20, 96, 32},
    {MatrixForm::kInt8, 16, 150, 64},
    {MatrixForm::kInt8, 16, 256, 128},
    {MatrixForm::kInt4, 20, 96, 32},
    {MatrixForm::kInt4, 16, 150, 64},
    {MatrixForm::kInt4, 16, 256, 128},
    // More than a kernel unfolds at a time, and the widest group there is.
    {MatrixForm::kInt8, 16, 1100, 64},
    {MatrixForm::kInt8, 16, 1500, 1024},
    {MatrixForm::kInt4, 16, 1100, 64},
    {MatrixForm::kInt4, 16, 1500, 1024},
};

TEST_P(KernelsTest, PanelsAreThoseOfTheScalarTierToTheBit) {
  for (const MatrixLayout& layout : kLayouts) {
    const auto weights = random_values(static_cast<size_t>(layout.outputs * layout.inputs), 1);
    const std::vector<std::byte> bytes = pack_matrix(layout, weights);
    const PackedMatrix matrix(layout, bytes);
    constexpr int64_t kRows = 9;
    const auto x = random_values(static_cast<size_t>(kRows * layout.inputs), 2);
    for (int64_t index = 0; index < layout.num_panels(); ++index) {
      const std::vector<float> expected = panel(kScalarKernels, matrix, index, x, kRows);
      for (int64_t count = 1; count <= kRows; ++count) {
        const std::vector<float> found = panel(*tier_, matrix, index, x, count);
        EXPECT_TRUE(std::equal(found.begin(), found.end(), expected.begin()))
            << form_name(layout.form) << " " << layout.inputs << " inputs, " << count << " rows";
      }
    }
  }
}

// The extremes of both sides, where a 16-bit sum would overflow.
TEST_P(KernelsTest, TheLargestIntegersDoNotOverflow) {
  for (const bool is_int4 : {false, true}) {
    const MatrixLayout layout{is_int4 ? MatrixForm::kInt4 : MatrixForm::kInt8, 16, 128, 128};
    for (const int sign : {1, -1}) {
      std::vector<std::byte> bytes(static_cast<size_t>(layout.num_bytes()));
      const int stored = is_int4 ? (sign > 0 ? 0xff : 0x00) : (sign > 0 ? 0x7f : 0x81);
      std::fill_n(bytes.begin(), layout.element_bytes(), static_cast<std::byte>(stored));
      for (int64_t o = 0; o < kPanelOutputs; ++o) {
        const uint16_t one = tensorio::bf16_from_float(1);
        std::memcpy(&bytes[static_cast<size_t>(layout.element_bytes() + 2 * o)], &one, 2);
      }
      const PackedMatrix matrix(layout, bytes);
      const double weight = is_int4 ? (sign > 0 ? 7 : -8) : sign * 127;
      for (const float value : {127.0F, -127.0F}) {
        for (const int64_t count : {1, 7}) {
          const std::vector<float> x(static_cast<size_t>(count * 128), value);
          const std::vector<float> found = panel(*tier_, matrix, 0, x, count);
          for (const float sum : found) {
            EXPECT_EQ(sum, static_cast<float>(128 * weight * static_cast<double>(value)));
          }
        }
      }
    }
  }
}

TEST_P(KernelsTest, RowsBecomeTheBytesOfTheScalarTier) {
  for (const int64_t width : {1, 7, 31, 64, 100, 257}) {
    for (const int64_t group : {32, 64, 128}) {
      auto x = random_values(static_cast<size_t>(2 * width), 3);
      std::fill_n(x.begin(), std::min<int64_t>(width, 40), 0.0F);  // a group of zeros
      const Bytes expected = to_bytes(kScalarKernels, x, 2, width, group);
      const Bytes found = to_bytes(*tier_, x, 2, width, group);
      EXPECT_EQ(found.bytes, expected.bytes) << width;
      EXPECT_EQ(found.scales, expected.scales) << width;
      EXPECT_EQ(found.sums, expected.sums) << width;
      if (tier_->takes_shorts) {
        EXPECT_TRUE(std::equal(found.shorts.begin(), found.shorts.end(), expected.bytes.begin()));
      }
    }
  }
}

// A sum of n products in float, in any order, is off by at most n units in the last place of the
// sum of their sizes; the rest of these functions are a few roundings more.
void expect_near(const std::vector<float>& expected, const std::vector<float>& found, double units,
                 const std::string& what) {
  double largest = 0;
  for (const float value : expected) largest = std::max(largest, std::abs(double{value}));
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(expected[i], found[i], units * largest * 0x1p-23) << what << " at " << i;
  }
}

TEST_P(KernelsTest, NormsAndActivationsAreThoseOfTheScalarTier) {
  for (const int64_t width : {1, 8, 12, 37, 128}) {
    const auto n = static_cast<size_t>(width);
    const auto x = random_values(n, 4), weight = random_values(n, 5), bias = random_values(n, 6);
    const double units = static_cast<double>(width) + 8;
    std::vector<float> expected(n), found(n);
    kScalarKernels.rms_norm(x.data(), weight.data(), width, 1e-6F, expected.data());
    tier_->rms_norm(x.data(), weight.data(), width, 1e-6F, found.data());
    expect_near(expected, found, units, cat("rms_norm ", width));
    if (width > 1) {
      kScalarKernels.layer_norm(x.data(), weight.data(), bias.data(), width, 1e-6F,
                                expected.data());
      tier_->layer_norm(x.data(), weight.data(), bias.data(), width, 1e-6F, found.data());
      expect_near(expected, found, units, cat("layer_norm ", width));
    }
    for (const float factor : {1.0F, 30.0F}) {
      expected = x;
      for (float& value : expected) value *= factor;
      found = expected;
      kScalarKernels.swiglu(expected.data(), weight.data(), width);
      tier_->swiglu(found.data(), weight.data(), width);
      expect_near(expected, found, 8, "silu_times");
      expected = x;
      for (float& value : expected) value *= factor;
      found = expected;
      kScalarKernels.gelu_tanh(expected.data(), width);
      tier_->gelu_tanh(found.data(), width);
      // exp(z) turns a rounding of z into |z| roundings: z is at most 1.6 x (1 + 0.045 x^2) of an x
      // whose gelu still counts.
      expect_near(expected, found, 40, "gelu_tanh");
    }
  }
}

TEST_P(KernelsTest, HalvesAreThoseOfTheScalarTier) {
  auto values = random_values(37, 7);
  values[3] = 1e-6F;
  values[4] = 65504;
  values[5] = -0.0F;
  std::vector<uint16_t> expected(37), found(37);
  kScalarKernels.to_f16(values.data(), 37, expected.data());
  tier_->to_f16(values.data(), 37, found.data());
  EXPECT_EQ(found, expected);
  std::vector<float> wide(37), as_scalar(37);
  tier_->from_f16(found.data(), 37, wide.data());
  kScalarKernels.from_f16(found.data(), 37, as_scalar.data());
  EXPECT_EQ(wide, as_scalar);
}

// A byte is a float exactly, and its product with a scale is rounded once.
TEST_P(KernelsTest, PagesOfBytesAreTheirFloats) {
  for (const int64_t head_dim : {12, 64, 72}) {
    const int64_t stride = (head_dim + 7) / 8 * 8;
    Random random(3);
    std::vector<int8_t> keys(static_cast<size_t>(head_dim * kPlaces)),
        values(static_cast<size_t>(kPlaces * stride));
    for (auto* const all : {&keys, &values}) {
      for (int8_t& value : *all) value = static_cast<int8_t>(random.integer(-127, 127));
    }
    const auto scales = random_values(kPlaces, 4);
    std::vector<float> keys_found(keys.size()), values_found(values.size());
    tier_->keys_from_bytes(keys.data(), scales.data(), head_dim, keys_found.data());
    tier_->values_from_bytes(values.data(), scales.data(), stride, values_found.data());
    for (size_t p = 0; p < kPlaces; ++p) {
      for (size_t k = 0; k < static_cast<size_t>(head_dim); ++k) {
        const size_t at = k * kPlaces + p;
        ASSERT_EQ(keys_found[at], static_cast<float>(keys[at]) * scales[p]) << head_dim;
      }
      for (size_t k = 0; k < static_cast<size_t>(stride); ++k) {
        const size_t at = p * static_cast<size_t>(stride) + k;
        ASSERT_EQ(values_found[at], static_cast<float>(values[at]) * scales[p]) << head_dim;
      }
    }
  }
}

// Attention over three pages against the textbook's formula in double precision.
TEST_P(KernelsTest, PagesAddUpToAttention) {
  for (const int64_t head_dim : {12, 64, 72}) {
    const int64_t stride = (head_dim + 7) / 8 * 8;
    constexpr int64_t kRows = 8, kPages = 3;
    const auto keys = random_values(static_cast<size_t>(kPages * head_dim * kPlaces), 8);
    auto values = random_values(static_cast<size_t>(kPages * kPlaces * stride), 9);
    const auto queries = random_values(static_cast<size_t>(kRows * stride), 10);
    std::vector<int64_t> seen = {1, 5, 64, 65, 100, 129, 190, 192};
    std::vector<std::vector<float>> by_count;
    for (const int64_t count : {kRows, int64_t{1}}) {
      std::vector<float> largest(kRows, -std::numeric_limits<float>::infinity()), total(kRows, 0),
          sum(static_cast<size_t>(kRows * stride), 0);
      for (int64_t page = 0; page < kPages; ++page) {
        std::vector<int64_t> visible;
        for (const int64_t all : seen)
          visible.push_back(std::clamp(all - page * kPlaces, int64_t{0}, kPlaces));
        for (int64_t r = 0; r < kRows; r += count) {
          const PageQueries met{count,
                                &queries[static_cast<size_t>(r * stride)],
                                &visible[static_cast<size_t>(r)],
                                &largest[static_cast<size_t>(r)],
                                &total[static_cast<size_t>(r)],
                                &sum[static_cast<size_t>(r * stride)],
                                stride};
          tier_->meet_page(&keys[static_cast<size_t>(page * head_dim * kPlaces)],
                           &values[static_cast<size_t>(page * kPlaces * stride)], head_dim, met);
        }
      }
      for (int64_t r = 0; r < kRows; ++r) {
        for (int64_t k = 0; k < stride; ++k)
          sum[static_cast<size_t>(r * stride + k)] /= total[static_cast<size_t>(r)];
      }
      by_count.push_back(sum);
    }
    // Pages in f16 are read as their floats.
    std::vector<uint16_t> key_halves(keys.size()), value_halves(values.size());
    tier_->to_f16(keys.data(), static_cast<int64_t>(keys.size()), key_halves.data());
    tier_->to_f16(values.data(), static_cast<int64_t>(values.size()), value_halves.data());
    std::vector<float> wide_keys(keys.size()), wide_values(values.size());
    tier_->from_f16(key_halves.data(), static_cast<int64_t>(keys.size()), wide_keys.data());
    tier_->from_f16(value_halves.data(), static_cast<int64_t>(values.size()), wide_values.data());
    std::vector<std::vector<float>> of_page;
    for (const bool halves : {false, true}) {
      std::vector<float> largest(kRows, -std::numeric_limits<float>::infinity()), total(kRows, 0),
          sum(static_cast<size_t>(kRows * stride), 0);
      const std::vector<int64_t> visible = {1, 5, 64, 64, 33, 0, 63, 8};
      const PageQueries met{kRows,        queries.data(), visible.data(), largest.data(),
                            total.data(), sum.data(),     stride};
      if (halves) {
        tier_->meet_f16_page(key_halves.data(), value_halves.data(), head_dim, met);
      } else {
        tier_->meet_page(wide_keys.data(), wide_values.data(), head_dim, met);
      }
      of_page.push_back(sum);
    }
    EXPECT_EQ(of_page[0], of_page[1]);
    // The same bits, however many queries meet a page at once.
    EXPECT_EQ(by_count[0], by_count[1]);
    for (int64_t r = 0; r < kRows; ++r) {
      std::vector<double> scores;
      for (int64_t p = 0; p < seen[static_cast<size_t>(r)]; ++p) {
        double score = 0;
        for (int64_t k = 0; k < head_dim; ++k) {
          score += double{queries[static_cast<size_t>(r * stride + k)]} *
                   keys[static_cast<size_t>((p / kPlaces * head_dim + k) * kPlaces + p % kPlaces)];
        }
        scores.push_back(score);
      }
      const double most = *std::max_element(scores.begin(), scores.end());
      double total = 0;
      for (double& score : scores) total += score = std::exp(score - most);
      for (int64_t k = 0; k < head_dim; ++k) {
        double expected = 0;
        for (size_t p = 0; p < scores.size(); ++p) {
          expected +=
              scores[p] / total * values[p * static_cast<size_t>(stride) + static_cast<size_t>(k)];
        }
        // A score is a sum of up to 72 products near 1, rounded 72 times: its error times the
        // largest value, about 4.
        EXPECT_NEAR(expected, by_count[0][static_cast<size_t>(r * stride + k)],
                    72 * 9 * 4 * 0x1p-24)
            << head_dim << " row " << r;
      }
    }
  }
}

// Thousandths, which every machine makes alike.
std::vector<float> random_thousandths(int64_t count, uint64_t seed) {
  Random random(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = static_cast<float>(random.integer(-4000, 4000)) / 1000;
  return values;
}

// What is not exact has the same bits on all processors with vectors all the same: their tiers add up
// in one order and share one exp(). The hash is that of "avx2".
TEST_P(KernelsTest, TiersOfVectorsRoundAlike) {
  if (GetParam() == "scalar")
    GTEST_SKIP() << "adds up in another order, and has the library's exp()";
  std::vector<float> all;
  const auto keep = [&](const std::vector<float>& values) {
    all.insert(all.end(), values.begin(), values.end());
  };
  for (const int64_t width : {1, 8, 12, 37, 1000}) {
    const auto x = random_thousandths(width, 1), weight = random_thousandths(width, 2);
    std::vector<float> out(x.size());
    tier_->rms_norm(x.data(), weight.data(), width, 1e-6F, out.data());
    keep(out);
    tier_->layer_norm(x.data(), weight.data(), x.data(), width, 1e-6F, out.data());
    keep(out);
    out = x;
    tier_->swiglu(out.data(), weight.data(), width);
    keep(out);
    out = x;
    tier_->gelu_tanh(out.data(), width);
    keep(out);
  }
  constexpr int64_t kHead = 72, kRows = 8;
  const auto keys = random_thousandths(kHead * kPlaces, 3);
  const auto values = random_thousandths(kPlaces * kHead, 4);
  auto queries = random_thousandths(kRows * kHead, 5);
  for (float& value : queries) value /= 64;  // scores are near 1
  const std::vector<int64_t> visible = {1, 5, 64, 64, 33, 0, 63, 8};
  // What was gathered before shrinks, or outweighs the page.
  std::vector<float> largest = {0, 0.5, -1, 1, 0.25, 2, -10, 300};
  std::vector<float> total = random_thousandths(kRows, 6),
                     sum = random_thousandths(kRows * kHead, 7);
  tier_->meet_page(
      keys.data(), values.data(), kHead,
      {kRows, queries.data(), visible.data(), largest.data(), total.data(), sum.data(), kHead});
  keep(largest);
  keep(total);
  keep(sum);
  const std::string_view bytes(reinterpret_cast<const char*>(all.data()),
                               all.size() * sizeof(float));
  EXPECT_EQ(sha256_hex(bytes), "af3cc4b377606622bdd207c9f75c35bf1f4e8b8c3c42e25ed8a0ffdaf2790afe");
}

INSTANTIATE_TEST_SUITE_P(Tiers, KernelsTest, testing::ValuesIn(tier_names()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Tiers, AutoIsOneThatRuns) {
  EXPECT_NE(find_tier(choose_tier("auto").name), nullptr);
  EXPECT_THROW(choose_tier("sse9"), InputError);
}

}  // namespace
}  // namespace lmc::runtime
