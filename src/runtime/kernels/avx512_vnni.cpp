// Integer panels for AVX-512 with VNNI (Cascade Lake, Ice Lake, Zen 4 and later). Compiled with
// those instructions on.
//
// vpdpbusd multiplies unsigned by signed bytes and adds four products to a 32-bit sum: a register
// is 16 outputs x 4 inputs. Weights are made unsigned, signed ones by 128 more; what that adds is
// known from the sum of the row's bytes and taken off first.
#include <immintrin.h>

#include "runtime/kernels/integer_panels.h"

namespace lmc::runtime {

namespace {

constexpr int64_t kTileRows = 8;

inline __m512 widen_bf16(const uint16_t* in) {
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

inline __m512i four_bytes(const int8_t* in) {
  int32_t bits;
  __builtin_memcpy(&bits, in, sizeof bits);
  return _mm512_set1_epi32(bits);
}

template <int R, bool kIsInt4>
inline void tile(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t first,
                 int64_t group, float* out) {
  const int8_t* bytes = x.bytes + first * x.stride;
  const float* row_scales = x.scales + first * x.groups;
  const int32_t* row_sums = x.sums + first * x.groups;
  const __m512i nibble = _mm512_set1_epi8(15), offset = _mm512_set1_epi8(-128);
  __m512 total[R];
  for (int r = 0; r < R; ++r) total[r] = _mm512_setzero_ps();
  for (int64_t g = 0; g < x.groups; ++g, scales += kPanelOutputs) {
    __m512i sum[R];
    for (int r = 0; r < R; ++r) {
      sum[r] = _mm512_set1_epi32((kIsInt4 ? -8 : -128) * row_sums[r * x.groups + g]);
    }
    for (int64_t k = 0; k < group; k += 8, bytes += 8) {
      __m512i weight[2];
      if constexpr (kIsInt4) {
        const __m512i both = _mm512_loadu_si512(panel);
        weight[0] = _mm512_and_si512(both, nibble);
        weight[1] = _mm512_and_si512(_mm512_srli_epi16(both, 4), nibble);
        panel += 64;
      } else {
        weight[0] = _mm512_xor_si512(_mm512_loadu_si512(panel), offset);
        weight[1] = _mm512_xor_si512(_mm512_loadu_si512(panel + 64), offset);
        panel += 128;
      }
      for (int half = 0; half < 2; ++half) {
        for (int r = 0; r < R; ++r) {
          sum[r] = _mm512_dpbusd_epi32(sum[r], weight[half],
                                       four_bytes(bytes + r * x.stride + 4 * half));
        }
      }
    }
    const __m512 scale = widen_bf16(scales);
    for (int r = 0; r < R; ++r) {
      const __m512 both = _mm512_mul_ps(scale, _mm512_set1_ps(row_scales[r * x.groups + g]));
      total[r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r]), both, total[r]);
    }
  }
  for (int r = 0; r < R; ++r) _mm512_storeu_ps(out + r * kPanelOutputs, total[r]);
}

template <bool kIsInt4>
inline void panel(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                  float* out) {
  int64_t r = 0;
  for (; r + kTileRows <= x.count; r += kTileRows) {
    tile<kTileRows, kIsInt4>(panel, scales, x, r, group, out + r * kPanelOutputs);
  }
  if (r + 4 <= x.count) {
    tile<4, kIsInt4>(panel, scales, x, r, group, out + r * kPanelOutputs);
    r += 4;
  }
  for (; r < x.count; ++r) {
    tile<1, kIsInt4>(panel, scales, x, r, group, out + r * kPanelOutputs);
  }
}

}  // namespace

void avx512_vnni_int8_panel(const int8_t* bytes, const uint16_t* scales, const ByteRows& x,
                            int64_t group, float* out_RO) {
  panel<false>(reinterpret_cast<const uint8_t*>(bytes), scales, x, group, out_RO);
}

void avx512_vnni_int4_panel(const uint8_t* bytes, const uint16_t* scales, const ByteRows& x,
                            int64_t group, float* out_RO) {
  panel<true>(bytes, scales, x, group, out_RO);
}

}  // namespace lmc::runtime
