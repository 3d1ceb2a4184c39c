// Integer panels for processors with NEON's product of byte matrices (i8mm, ARMv8.6: Cortex-A510 and
// A710, Neoverse V1 and N2, Apple's M2). Compiled with those instructions on.
//
// smmla multiplies 2 rows x 8 inputs with 2 outputs x 8 inputs, twice what a dot product does. Panels
// hold 4 outputs x 4 inputs a register: of two such registers, the second four inputs further on, two
// zips make what smmla takes, for all rows of the tile. Rows come in pairs; one alone is left to the
// dot product, which needs no zips.
#include "runtime/kernels/integer_panels.h"
#include "runtime/kernels/neon_groups.h"

namespace lmc::runtime {

namespace {

// Eight inputs of two rows.
inline int8x16_t two_rows(const int8_t* bytes, int64_t stride) {
  return vcombine_s8(vld1_s8(bytes), vld1_s8(bytes + stride));
}

// Sums of pairs of rows and of outputs: [row 0: output 0, 1; row 1: output 0, 1].
template <int kPairs>
using Squares = int32x4_t[kPairs][kQuads][2];

// Eight inputs of 16 outputs for all rows: `first4` holds the first four inputs of four outputs.
template <int kPairs>
inline void add_step(Squares<kPairs>& squares, const int8x16_t (&first4)[kQuads],
                     const int8x16_t (&last4)[kQuads], const int8_t* bytes, int64_t stride) {
  int8x16_t inputs[kPairs];
  for (int pair = 0; pair < kPairs; ++pair) {
    inputs[pair] = two_rows(bytes + 2 * pair * stride, stride);
  }
  for (int j = 0; j < kQuads; ++j) {
    const int32x4_t a = vreinterpretq_s32_s8(first4[j]), b = vreinterpretq_s32_s8(last4[j]);
    const int8x16_t outputs01 = vreinterpretq_s8_s32(vzip1q_s32(a, b));
    const int8x16_t outputs23 = vreinterpretq_s8_s32(vzip2q_s32(a, b));
    for (int pair = 0; pair < kPairs; ++pair) {
      squares[pair][j][0] = vmmlaq_s32(squares[pair][j][0], inputs[pair], outputs01);
      squares[pair][j][1] = vmmlaq_s32(squares[pair][j][1], inputs[pair], outputs23);
    }
  }
}

template <int kPairs>
inline void set_rows(GroupSums<2 * kPairs>& sums, const Squares<kPairs>& squares) {
  for (int pair = 0; pair < kPairs; ++pair) {
    for (int j = 0; j < kQuads; ++j) {
      const int64x2_t a = vreinterpretq_s64_s32(squares[pair][j][0]);
      const int64x2_t b = vreinterpretq_s64_s32(squares[pair][j][1]);
      sums.quad[2 * pair][j] = vreinterpretq_s32_s64(vzip1q_s64(a, b));
      sums.quad[2 * pair + 1][j] = vreinterpretq_s32_s64(vzip2q_s64(a, b));
    }
  }
}

// Eight inputs of 16 outputs, the first and the last four apart; returns where the next begin.
inline const int8_t* load_weights(const int8_t* weights, int8x16_t (&first4)[kQuads],
                                  int8x16_t (&last4)[kQuads]) {
  for (int j = 0; j < kQuads; ++j) {
    first4[j] = vld1q_s8(weights + 16 * j);
    last4[j] = vld1q_s8(weights + 4 * kPanelOutputs + 16 * j);
  }
  return weights + 8 * kPanelOutputs;
}

inline const uint8_t* load_weights(const uint8_t* weights, int8x16_t (&first4)[kQuads],
                                   int8x16_t (&last4)[kQuads]) {
  for (int j = 0; j < kQuads; ++j) {
    const uint8x16_t both = vld1q_u8(weights + 16 * j);
    first4[j] = vreinterpretq_s8_u8(vandq_u8(both, vdupq_n_u8(15)));
    last4[j] = vreinterpretq_s8_u8(vshrq_n_u8(both, 4));
  }
  return weights + 4 * kPanelOutputs;
}

template <int kPairs, class Weight>
inline void tile(const Weight* panel, const uint16_t* scales, const ByteRows& x, int64_t first,
                 int64_t group, float* out_RO) {
  const auto sum_group = [stride = x.stride](GroupSums<2 * kPairs>& sums, const Weight* weights,
                                             const int8_t* bytes, int64_t count) {
    Squares<kPairs> squares = {};
    for (int64_t k = 0; k < count; k += 8) {
      int8x16_t first4[kQuads], last4[kQuads];
      weights = load_weights(weights, first4, last4);
      add_step<kPairs>(squares, first4, last4, bytes + k, stride);
    }
    set_rows<kPairs>(sums, squares);
    return weights;
  };
  integer_tile<2 * kPairs>(sum_group, kTooLarge<Weight>, panel, scales, x, first, group, out_RO);
}

// All rows but an odd one at the end; returns how many.
template <class Weight>
inline int64_t even_rows(const Weight* weights, const uint16_t* scales, const ByteRows& x,
                         int64_t group, float* out_RO) {
  int64_t r = 0;
  for (; r + 4 <= x.count; r += 4) tile<2>(weights, scales, x, r, group, out_RO);
  for (; r + 2 <= x.count; r += 2) tile<1>(weights, scales, x, r, group, out_RO);
  return r;
}

}  // namespace

void neon_i8mm_int8_panel(const int8_t* panel, const uint16_t* scales, const ByteRows& x,
                          int64_t group, float* out_RO) {
  const int64_t r = even_rows(panel, scales, x, group, out_RO);
  if (r == x.count) return;
  neon_dotprod_int8_panel(panel, scales, rows_from(x, r), group, out_RO + r * kPanelOutputs);
}

void neon_i8mm_int4_panel(const uint8_t* panel, const uint16_t* scales, const ByteRows& x,
                          int64_t group, float* out_RO) {
  const int64_t r = even_rows(panel, scales, x, group, out_RO);
  if (r == x.count) return;
  neon_dotprod_int4_panel(panel, scales, rows_from(x, r), group, out_RO + r * kPanelOutputs);
}

}  // namespace lmc::runtime
