// The integer panels of the tiers with VNNI on machines that lack it: a test includes this, then the
// source of a tier, whose instructions that AVX2 does not have are put together here from those that
// it has, and compares its panels with the scalar tier's.
//
// Source: the instructions' meaning is that of Intel's manual, volume 2; no speed is meant.
#pragma once

#include <gtest/gtest.h>
#include <immintrin.h>

#include <array>
#include <cstring>
#include <vector>

#include "base/random.h"            // Random
#include "runtime/kernels/tiers.h"  // kScalarKernels
#include "runtime/packed_matrix.h"  // pack_matrix

namespace lmc::runtime {

// A register of 512 bits as two of 256.
struct Integers512 {
  __m256i half[2];
};
struct Floats512 {
  __m256 half[2];
};

// VPDPBUSD: unsigned times signed bytes, four products added to each 32-bit sum.
inline __m256i dot_bytes(__m256i sum, __m256i unsigned_bytes, __m256i signed_bytes) {
  std::array<int32_t, 8> sums;
  std::array<uint8_t, 32> a;
  std::array<int8_t, 32> b;
  std::memcpy(sums.data(), &sum, 32);
  std::memcpy(a.data(), &unsigned_bytes, 32);
  std::memcpy(b.data(), &signed_bytes, 32);
  for (size_t i = 0; i < 32; ++i) sums[i / 4] += a[i] * b[i];
  std::memcpy(&sum, sums.data(), 32);
  return sum;
}

// An operation on 256 bits for both halves.
#define LMC_BOTH(name, Result, parameters, low, high) \
  inline Result name parameters { return {{low, high}}; }
LMC_BOTH(and512, Integers512, (Integers512 a, Integers512 b),
         _mm256_and_si256(a.half[0], b.half[0]), _mm256_and_si256(a.half[1], b.half[1]))
LMC_BOTH(xor512, Integers512, (Integers512 a, Integers512 b),
         _mm256_xor_si256(a.half[0], b.half[0]), _mm256_xor_si256(a.half[1], b.half[1]))
LMC_BOTH(as_floats512, Floats512, (Integers512 a), _mm256_castsi256_ps(a.half[0]),
         _mm256_castsi256_ps(a.half[1]))
LMC_BOTH(to_floats512, Floats512, (Integers512 a), _mm256_cvtepi32_ps(a.half[0]),
         _mm256_cvtepi32_ps(a.half[1]))
LMC_BOTH(widen512, Integers512, (__m256i a), _mm256_cvtepu16_epi32(_mm256_castsi256_si128(a)),
         _mm256_cvtepu16_epi32(_mm256_extracti128_si256(a, 1)))
LMC_BOTH(dot512, Integers512, (Integers512 sum, Integers512 a, Integers512 b),
         dot_bytes(sum.half[0], a.half[0], b.half[0]), dot_bytes(sum.half[1], a.half[1], b.half[1]))
LMC_BOTH(fma512, Floats512, (Floats512 a, Floats512 b, Floats512 c),
         _mm256_fmadd_ps(a.half[0], b.half[0], c.half[0]),
         _mm256_fmadd_ps(a.half[1], b.half[1], c.half[1]))
LMC_BOTH(mul512, Floats512, (Floats512 a, Floats512 b), _mm256_mul_ps(a.half[0], b.half[0]),
         _mm256_mul_ps(a.half[1], b.half[1]))
LMC_BOTH(subtract_bytes512, Integers512, (Integers512 a, Integers512 b),
         _mm256_sub_epi8(a.half[0], b.half[0]), _mm256_sub_epi8(a.half[1], b.half[1]))
LMC_BOTH(load_floats512, Floats512, (const float* in), _mm256_loadu_ps(in), _mm256_loadu_ps(in + 8))
LMC_BOTH(load512, Integers512, (const void* in),
         _mm256_loadu_si256(static_cast<const __m256i*>(in)),
         _mm256_loadu_si256(static_cast<const __m256i*>(in) + 1))
LMC_BOTH(fill512, Integers512, (int32_t value), _mm256_set1_epi32(value), _mm256_set1_epi32(value))
LMC_BOTH(fill_bytes512, Integers512, (char value), _mm256_set1_epi8(value), _mm256_set1_epi8(value))
LMC_BOTH(fill_floats512, Floats512, (float value), _mm256_set1_ps(value), _mm256_set1_ps(value))
LMC_BOTH(left512, Integers512, (Integers512 a, int count), _mm256_slli_epi32(a.half[0], count),
         _mm256_slli_epi32(a.half[1], count))
LMC_BOTH(right512, Integers512, (Integers512 a, int count), _mm256_srli_epi16(a.half[0], count),
         _mm256_srli_epi16(a.half[1], count))
#undef LMC_BOTH
inline void store_integers512(void* out, Integers512 a) {
  _mm256_storeu_si256(static_cast<__m256i*>(out), a.half[0]);
  _mm256_storeu_si256(static_cast<__m256i*>(out) + 1, a.half[1]);
}
inline void store512(float* out, Floats512 a) {
  _mm256_storeu_ps(out, a.half[0]);
  _mm256_storeu_ps(out + 8, a.half[1]);
}

}  // namespace lmc::runtime

// Where nothing is optimised, headers have macros for what takes a constant.
#undef _mm512_slli_epi32
#undef _mm512_srli_epi16
#define __m512i Integers512
#define __m512 Floats512
#define _mm512_and_si512 and512
#define _mm512_xor_si512 xor512
#define _mm512_castsi512_ps as_floats512
#define _mm512_cvtepi32_ps to_floats512
#define _mm512_cvtepu16_epi32 widen512
#define _mm512_dpbusd_epi32 dot512
#define _mm512_fmadd_ps fma512
#define _mm512_mul_ps mul512
#define _mm512_loadu_ps load_floats512
#define _mm512_loadu_si512 load512
#define _mm512_set1_epi32 fill512
#define _mm512_set1_epi8 fill_bytes512
#define _mm512_set1_ps fill_floats512
#define _mm512_setzero_ps() fill_floats512(0)
#define _mm512_slli_epi32 left512
#define _mm512_srli_epi16 right512
#define _mm512_storeu_ps store512
#define _mm512_storeu_si512 store_integers512
#define _mm512_sub_epi8 subtract_bytes512
#define _mm256_dpbusd_avx_epi32 dot_bytes

namespace lmc::runtime {

// Every form, group and number of rows, at random and at the extremes of both sides.
template <class Int8, class Int4>
void expect_scalar_panels(Int8 int8_panel, Int4 int4_panel) {
  for (const bool is_int4 : {false, true}) {
    for (const int64_t group : {32, 64, 128}) {
      for (const bool is_extreme : {false, true}) {
        const MatrixLayout layout{is_int4 ? MatrixForm::kInt4 : MatrixForm::kInt8, 16, 2 * group,
                                  group};
        Random random(static_cast<uint64_t>(group));
        std::vector<float> weights(static_cast<size_t>(16 * layout.inputs));
        for (float& weight : weights) {
          weight = is_extreme ? (random.integer(0, 1) == 0 ? -1.0F : 1.0F)
                              : static_cast<float>(random.normal());
        }
        const std::vector<std::byte> bytes = pack_matrix(layout, weights);
        const PackedMatrix matrix(layout, bytes);
        constexpr int64_t kRows = 35;
        std::vector<int8_t> inputs(static_cast<size_t>(kRows * layout.inputs));
        for (int8_t& input : inputs) {
          input = static_cast<int8_t>(is_extreme ? (random.integer(0, 1) == 0 ? -127 : 127)
                                                 : random.integer(-127, 127));
        }
        std::vector<float> scales(kRows * 2);
        for (float& scale : scales) scale = static_cast<float>(random.uniform(0.1, 2));
        std::vector<int32_t> sums(kRows * 2);
        for (size_t i = 0; i < inputs.size(); ++i) {
          sums[i / static_cast<size_t>(group)] += inputs[i];
        }
        for (int64_t count = 1; count <= kRows; ++count) {
          const ByteRows x{inputs.data(), layout.inputs, scales.data(), sums.data(), 2, count};
          std::vector<float> expected(static_cast<size_t>(count * 16)), found(expected.size());
          if (is_int4) {
            const auto* panel = reinterpret_cast<const uint8_t*>(matrix.elements(0));
            kScalarKernels.panel_int4(panel, matrix.scales(0), x, group, expected.data());
            int4_panel(panel, matrix.scales(0), x, group, found.data());
          } else {
            const auto* panel = reinterpret_cast<const int8_t*>(matrix.elements(0));
            kScalarKernels.panel_int8(panel, matrix.scales(0), x, group, expected.data());
            int8_panel(panel, matrix.scales(0), x, group, found.data());
          }
          EXPECT_EQ(found, expected) << form_name(layout.form) << " " << group << " " << count;
        }
      }
    }
  }
}

}  // namespace lmc::runtime
