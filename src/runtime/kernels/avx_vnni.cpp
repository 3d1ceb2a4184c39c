// Integer panels for AVX-VNNI, the 256-bit form of VNNI that processors without AVX-512 have (Alder
// Lake and later). Compiled with those instructions on.
//
// As avx512_vnni.cpp, with two registers of 8 outputs x 4 inputs.
#include <immintrin.h>

#include "runtime/kernels/integer_panels.h"

namespace lmc::runtime {

namespace {

constexpr int64_t kTileRows = 4;

inline __m256 widen_bf16(const uint16_t* in) {
  const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

inline __m256i load(const uint8_t* in) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
}

inline __m256i four_bytes(const int8_t* in) {
  int32_t bits;
  __builtin_memcpy(&bits, in, sizeof bits);
  return _mm256_set1_epi32(bits);
}

template <int R, bool kIsInt4>
inline void tile(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t first,
                 int64_t group, float* out) {
  const int8_t* bytes = x.bytes + first * x.stride;
  const float* row_scales = x.scales + first * x.groups;
  const int32_t* row_sums = x.sums + first * x.groups;
  const __m256i nibble = _mm256_set1_epi8(15), offset = _mm256_set1_epi8(-128);
  __m256 total[R][2];
  for (int r = 0; r < R; ++r) total[r][0] = total[r][1] = _mm256_setzero_ps();
  for (int64_t g = 0; g < x.groups; ++g, scales += kPanelOutputs) {
    __m256i sum[R][2];
    for (int r = 0; r < R; ++r) {
      sum[r][0] = sum[r][1] = _mm256_set1_epi32((kIsInt4 ? -8 : -128) * row_sums[r * x.groups + g]);
    }
    for (int64_t k = 0; k < group; k += 8, bytes += 8) {
      for (int half = 0; half < 2; ++half) {
        __m256i weight[2];
        for (int j = 0; j < 2; ++j) {
          if constexpr (kIsInt4) {
            const __m256i both = load(panel + 32 * j);
            weight[j] = _mm256_and_si256(half == 0 ? both : _mm256_srli_epi16(both, 4), nibble);
          } else {
            weight[j] = _mm256_xor_si256(load(panel + 64 * half + 32 * j), offset);
          }
        }
        for (int r = 0; r < R; ++r) {
          const __m256i input = four_bytes(bytes + r * x.stride + 4 * half);
          sum[r][0] = _mm256_dpbusd_avx_epi32(sum[r][0], weight[0], input);
          sum[r][1] = _mm256_dpbusd_avx_epi32(sum[r][1], weight[1], input);
        }
      }
      panel += kIsInt4 ? 64 : 128;
    }
    for (int j = 0; j < 2; ++j) {
      const __m256 scale = widen_bf16(scales + 8 * j);
      for (int r = 0; r < R; ++r) {
        const __m256 both = _mm256_mul_ps(scale, _mm256_set1_ps(row_scales[r * x.groups + g]));
        total[r][j] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum[r][j]), both, total[r][j]);
      }
    }
  }
  for (int r = 0; r < R; ++r) {
    _mm256_storeu_ps(out + r * kPanelOutputs, total[r][0]);
    _mm256_storeu_ps(out + r * kPanelOutputs + 8, total[r][1]);
  }
}

template <bool kIsInt4>
inline void panel(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                  float* out) {
  int64_t r = 0;
  for (; r + kTileRows <= x.count; r += kTileRows) {
    tile<kTileRows, kIsInt4>(panel, scales, x, r, group, out + r * kPanelOutputs);
  }
  for (; r < x.count; ++r) {
    tile<1, kIsInt4>(panel, scales, x, r, group, out + r * kPanelOutputs);
  }
}

}  // namespace

void avx_vnni_int8_panel(const int8_t* bytes, const uint16_t* scales, const ByteRows& x,
                         int64_t group, float* out_RO) {
  panel<false>(reinterpret_cast<const uint8_t*>(bytes), scales, x, group, out_RO);
}

void avx_vnni_int4_panel(const uint8_t* bytes, const uint16_t* scales, const ByteRows& x,
                         int64_t group, float* out_RO) {
  panel<true>(bytes, scales, x, group, out_RO);
}

}  // namespace lmc::runtime
