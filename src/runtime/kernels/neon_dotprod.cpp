// Integer panels for processors with NEON's dot product of signed bytes (ARMv8.2 and later: Cortex-A55
// and A76, Neoverse N1, Apple's). Compiled with those instructions on.
//
// A register of weights is 4 outputs x 4 inputs; sdot multiplies it with four inputs of a row, chosen
// from a register of sixteen. 4-bit weights are taken as 0 .. 15; what is too much is taken off
// at the end of the group.
#include "runtime/kernels/integer_panels.h"
#include "runtime/kernels/neon_groups.h"

namespace lmc::runtime {

namespace {

constexpr int64_t kTileRows = 4;

// Four inputs, those from 4 kLane on, for all rows and outputs.
template <int kLane, int R>
inline void add_step(GroupSums<R>& sums, const int8x16_t (&weights)[kQuads],
                     const int8x16_t (&inputs)[R]) {
  for (int j = 0; j < kQuads; ++j) {
    for (int r = 0; r < R; ++r) {
      sums.quad[r][j] = vdotq_laneq_s32(sums.quad[r][j], weights[j], inputs[r], kLane);
    }
  }
}

template <int kLane, int R>
inline const int8_t* int8_step(GroupSums<R>& sums, const int8_t* panel,
                               const int8x16_t (&inputs)[R]) {
  int8x16_t weights[kQuads];
  for (int j = 0; j < kQuads; ++j) weights[j] = vld1q_s8(panel + 16 * j);
  add_step<kLane>(sums, weights, inputs);
  return panel + 4 * kPanelOutputs;
}

// Eight inputs, as they lie in both halves of bytes.
template <int kLane, int R>
inline const uint8_t* int4_step(GroupSums<R>& sums, const uint8_t* panel,
                                const int8x16_t (&inputs)[R]) {
  int8x16_t low[kQuads], high[kQuads];
  for (int j = 0; j < kQuads; ++j) {
    const uint8x16_t both = vld1q_u8(panel + 16 * j);
    low[j] = vreinterpretq_s8_u8(vandq_u8(both, vdupq_n_u8(15)));
    high[j] = vreinterpretq_s8_u8(vshrq_n_u8(both, 4));
  }
  add_step<kLane>(sums, low, inputs);
  add_step<kLane + 1>(sums, high, inputs);
  return panel + 4 * kPanelOutputs;
}

template <int R>
inline void load_inputs(const int8_t* bytes, int64_t stride, int8x16_t (&inputs)[R]) {
  for (int r = 0; r < R; ++r) inputs[r] = vld1q_s8(bytes + r * stride);
}

// Sixteen inputs; returns where the weights of the next begin.
template <int R>
inline const int8_t* add_inputs(GroupSums<R>& sums, const int8_t* weights,
                                const int8x16_t (&inputs)[R]) {
  weights = int8_step<0>(sums, weights, inputs);
  weights = int8_step<1>(sums, weights, inputs);
  weights = int8_step<2>(sums, weights, inputs);
  return int8_step<3>(sums, weights, inputs);
}

template <int R>
inline const uint8_t* add_inputs(GroupSums<R>& sums, const uint8_t* weights,
                                 const int8x16_t (&inputs)[R]) {
  weights = int4_step<0>(sums, weights, inputs);
  return int4_step<2>(sums, weights, inputs);
}

template <int R, class Weight>
inline void tile(const Weight* panel, const uint16_t* scales, const ByteRows& x, int64_t first,
                 int64_t group, float* out_RO) {
  const auto sum_group = [stride = x.stride](GroupSums<R>& sums, const Weight* weights,
                                             const int8_t* bytes, int64_t count) {
    sums = {};
    for (int64_t k = 0; k < count; k += 16) {
      int8x16_t inputs[R];
      load_inputs(bytes + k, stride, inputs);
      weights = add_inputs(sums, weights, inputs);
    }
    return weights;
  };
  integer_tile<R>(sum_group, kTooLarge<Weight>, panel, scales, x, first, group, out_RO);
}

template <class Weight>
inline void panel(const Weight* weights, const uint16_t* scales, const ByteRows& x, int64_t group,
                  float* out_RO) {
  int64_t r = 0;
  for (; r + kTileRows <= x.count; r += kTileRows) {
    tile<kTileRows>(weights, scales, x, r, group, out_RO);
  }
  for (; r < x.count; ++r) tile<1>(weights, scales, x, r, group, out_RO);
}

}  // namespace

void neon_dotprod_int8_panel(const int8_t* weights, const uint16_t* scales, const ByteRows& x,
                             int64_t group, float* out_RO) {
  panel(weights, scales, x, group, out_RO);
}

void neon_dotprod_int4_panel(const uint8_t* weights, const uint16_t* scales, const ByteRows& x,
                             int64_t group, float* out_RO) {
  panel(weights, scales, x, group, out_RO);
}

}  // namespace lmc::runtime
