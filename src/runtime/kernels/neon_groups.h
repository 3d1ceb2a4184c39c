// What the integer panels of all NEON tiers share: a group's integer sums, times the scales of both
// sides, added to the outputs. Everything here is static: each tier's file has its own copy,
// compiled for its own instructions.
#pragma once

#include <arm_neon.h>

#include "runtime/kernels/kernels.h"  // ByteRows, kPanelOutputs

namespace lmc::runtime {

constexpr int kQuads = kPanelOutputs / 4;  // registers of a row's 16 outputs

// By how much weights are too large as they are taken: those of 4 bits (in bytes without a sign) as
// 0 .. 15.
template <class Weight>
constexpr int32_t kTooLarge = 8;
template <>
constexpr int32_t kTooLarge<int8_t> = 0;

static inline float32x4_t widen_bf16(const uint16_t* in) {
  return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(in), 16));
}

// The integer sums of one group, for R rows.
template <int R>
struct GroupSums {
  int32x4_t quad[R][kQuads];

  void add(int r, int32_t value) {
    for (int j = 0; j < kQuads; ++j) quad[r][j] = vaddq_s32(quad[r][j], vdupq_n_s32(value));
  }
};

// out <- out + sum * (scale * row scale), one fused operation for each output. `row_scales`: of the
// first row in this group; `groups` of them lie between rows.
template <int R>
static inline void add_group(const GroupSums<R>& sums, const uint16_t* scales,
                             const float* row_scales, int64_t groups, float* out) {
  for (int j = 0; j < kQuads; ++j) {
    const float32x4_t scale = widen_bf16(scales + 4 * j);
    for (int r = 0; r < R; ++r) {
      float* at = out + r * kPanelOutputs + 4 * j;
      const float32x4_t both = vmulq_n_f32(scale, row_scales[r * groups]);
      vst1q_f32(at, vfmaq_f32(vld1q_f32(at), vcvtq_f32_s32(sums.quad[r][j]), both));
    }
  }
}

// A tile of R rows from `first` on. `sum_group(sums, panel, bytes, group)` sets the sums of a group's
// products, of weights that are `offset` too large, and returns where the next group's weights begin.
template <int R, class Weight, class SumGroup>
static inline void integer_tile(const SumGroup& sum_group, int32_t offset, const Weight* panel,
                                const uint16_t* scales, const ByteRows& x, int64_t first,
                                int64_t group, float* out_RO) {
  const int8_t* bytes = x.bytes + first * x.stride;
  const float* row_scales = x.scales + first * x.groups;
  const int32_t* row_sums = x.sums + first * x.groups;
  float* out = out_RO + first * kPanelOutputs;
  for (int i = 0; i < R * kQuads; ++i) vst1q_f32(out + 4 * i, vdupq_n_f32(0));
  for (int64_t g = 0; g < x.groups; ++g, bytes += group, scales += kPanelOutputs) {
    GroupSums<R> sums;
    panel = sum_group(sums, panel, bytes, group);
    for (int r = 0; r < R; ++r) sums.add(r, -offset * row_sums[r * x.groups + g]);
    add_group<R>(sums, scales, row_scales + g, x.groups, out);
    // Outputs stay in memory between groups: a compiler would keep them in registers that the sums of
    // the next group need.
    asm volatile("" : : : "memory");
  }
}

}  // namespace lmc::runtime
