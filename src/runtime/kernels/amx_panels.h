// Integer panels on AMX, for several rows; the instructions on tiles come from `Tiles`, so that a
// test can put them together on machines without them (amx_emulated_test.cpp).
//
// A tile of weights is one group of 64 inputs by 16 outputs, which in a panel of signed bytes lies as
// the tile wants it; 4-bit weights are unfolded first. It stays while all blocks of 16 rows pass. A
// group's 16 x 16 sums leave the tiles for the floats of the result after 64 inputs, as each group
// has scales of its own: that, not the products, is what bounds the speed (three instructions a row
// of 16 sums, two a cycle: 24 cycles where the products take 16).
// Letters: R rows, O the outputs of a panel.
// Included by files compiled for one instruction set: nothing here may be an inline function that
// other files share, so all has internal linkage.
#pragma once

#include <immintrin.h>

#include "runtime/kernels/integer_panels.h"

namespace lmc::runtime {
namespace {

constexpr int64_t kTileRows = 16;
constexpr int64_t kTileInputs = 64;
constexpr int64_t kTileBytes = kTileRows * kTileInputs;

// 64 inputs of a panel of 4 bits as signed bytes, in the order of a tile.
inline void unfold_int4(const uint8_t* packed, int8_t* tile) {
  const __m512i nibble = _mm512_set1_epi8(15), offset = _mm512_set1_epi8(8);
  for (int64_t i = 0; i < kTileBytes / 128; ++i) {
    const __m512i both = _mm512_loadu_si512(packed + 64 * i);
    const __m512i low = _mm512_and_si512(both, nibble);
    const __m512i high = _mm512_and_si512(_mm512_srli_epi16(both, 4), nibble);
    _mm512_storeu_si512(tile + 128 * i, _mm512_sub_epi8(low, offset));
    _mm512_storeu_si512(tile + 128 * i + 64, _mm512_sub_epi8(high, offset));
  }
}

// out_RO += what a group's sums are worth, 16 rows.
inline void add_group(const int32_t* sums_RO, __m512 scale_O, const float* row_scales,
                      int64_t stride, float* out_RO) {
  for (int64_t r = 0; r < kTileRows; ++r) {
    const __m512 both = _mm512_mul_ps(scale_O, _mm512_set1_ps(row_scales[r * stride]));
    const __m512 sum = _mm512_cvtepi32_ps(_mm512_loadu_si512(sums_RO + r * kPanelOutputs));
    float* out = out_RO + r * kPanelOutputs;
    _mm512_storeu_ps(out, _mm512_fmadd_ps(sum, both, _mm512_loadu_ps(out)));
  }
}

inline __m512 widen_scales(const uint16_t* scales_O) {
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(scales_O));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

// `x` has whole blocks of 16 rows, in groups of 64.
template <class Tiles, bool kIsInt4>
inline void tiled_panel(const uint8_t* panel, const uint16_t* scales, const ByteRows& x,
                        float* out_RO) {
  alignas(64) int8_t unfolded[kTileBytes];
  alignas(64) int32_t sums_RO[2][kTileRows * kPanelOutputs];
  for (int64_t r = 0; r < x.count; ++r) {
    _mm512_storeu_ps(out_RO + r * kPanelOutputs, _mm512_setzero_ps());
  }
  Tiles::configure();
  for (int64_t g = 0; g < x.groups; ++g, scales += kPanelOutputs) {
    if constexpr (kIsInt4) {
      unfold_int4(panel, unfolded);
      Tiles::load_weights(unfolded);
      panel += kTileBytes / 2;
    } else {
      Tiles::load_weights(reinterpret_cast<const int8_t*>(panel));
      panel += kTileBytes;
    }
    const __m512 scale_O = widen_scales(scales);
    for (int64_t r = 0; r < x.count; r += kTileRows) {
      // Two places in turn, so that the next block's sums need not wait for these to be read.
      int32_t* sums = sums_RO[r / kTileRows % 2];
      Tiles::load_rows(x.bytes + r * x.stride + g * kTileInputs, x.stride);
      Tiles::multiply();
      Tiles::store_sums(sums);
      add_group(sums, scale_O, x.scales + r * x.groups + g, x.groups, out_RO + r * kPanelOutputs);
    }
  }
  Tiles::release();
}

// Rows that fill no block, and groups of other sizes, are left to VNNI.
template <class Tiles, bool kIsInt4, class Rest>
inline void panel_by_tiles(const uint8_t* panel, const uint16_t* scales, const ByteRows& x,
                           int64_t group, float* out_RO, Rest rest) {
  ByteRows blocks = x;
  blocks.count = group == kTileInputs ? x.count / kTileRows * kTileRows : 0;
  if (blocks.count > 0) tiled_panel<Tiles, kIsInt4>(panel, scales, blocks, out_RO);
  if (blocks.count == x.count) return;
  rest(rows_from(x, blocks.count), out_RO + blocks.count * kPanelOutputs);
}

}  // namespace
}  // namespace lmc::runtime
