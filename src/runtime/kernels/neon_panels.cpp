// Integer panels for processors with NEON alone, which has no dot product of bytes.
//
// Eight products of bytes fill a register of 16-bit numbers, in which more are added before pairs of
// them are widened to 32 bits. Two of signed bytes fit (2 x 128 x 127); of 4-bit weights, taken as
// 0 .. 15, the eight of 32 inputs do (8 x 15 x 127), which is why 4 bits are faster than 8.
// Sums of two inputs each lie side by side until the group ends. Eight outputs are computed at a time,
// so that four rows of such sums stay in registers; the other half of the group's weights then comes
// from the first cache.
#include "runtime/kernels/integer_panels.h"
#include "runtime/kernels/neon_groups.h"

namespace lmc::runtime {

namespace {

constexpr int64_t kTileRows = 4;
constexpr int kHalf = 2;  // quads of outputs that are computed at a time

// A row's four inputs, twice: for the two outputs of half a register of weights.
inline int8x8_t four_inputs(const int8_t* in) {
  int32_t bits;
  __builtin_memcpy(&bits, in, sizeof bits);
  return vreinterpret_s8_s32(vdup_n_s32(bits));
}

// Sums of pairs of inputs: [row][quad of outputs][outputs 0, 1 or 2, 3].
template <int R>
struct PairSums {
  int32x4_t sum[R][kHalf][2];

  PairSums() {
    for (auto& row : sum) {
      for (auto& quad : row) quad[0] = quad[1] = vdupq_n_s32(0);
    }
  }

  void set(GroupSums<R>& sums, int first_quad) const {
    for (int r = 0; r < R; ++r) {
      for (int j = 0; j < kHalf; ++j) {
        sums.quad[r][first_quad + j] = vpaddq_s32(sum[r][j][0], sum[r][j][1]);
      }
    }
  }
};

template <int R>
inline void int8_tile(const int8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t first,
                      int64_t group, float* out_RO) {
  const auto sum_group = [stride = x.stride](GroupSums<R>& sums, const int8_t* weights,
                                             const int8_t* bytes, int64_t inputs) {
    for (int begin = 0; begin < kQuads; begin += kHalf) {
      PairSums<R> pairs;
      for (int64_t k = 0; k < inputs; k += 8) {
        const int8_t* at = weights + k * kPanelOutputs + 16 * begin;
        int8x8_t early[R], late[R];
        for (int r = 0; r < R; ++r) {
          early[r] = four_inputs(bytes + r * stride + k);
          late[r] = four_inputs(bytes + r * stride + k + 4);
        }
        for (int j = 0; j < kHalf; ++j) {
          const int8x16_t first4 = vld1q_s8(at + 16 * j);
          const int8x16_t last4 = vld1q_s8(at + 4 * kPanelOutputs + 16 * j);
          for (int r = 0; r < R; ++r) {
            int16x8_t low = vmull_s8(vget_low_s8(first4), early[r]);
            int16x8_t high = vmull_s8(vget_high_s8(first4), early[r]);
            low = vmlal_s8(low, vget_low_s8(last4), late[r]);
            high = vmlal_s8(high, vget_high_s8(last4), late[r]);
            pairs.sum[r][j][0] = vpadalq_s16(pairs.sum[r][j][0], low);
            pairs.sum[r][j][1] = vpadalq_s16(pairs.sum[r][j][1], high);
          }
        }
      }
      pairs.set(sums, begin);
    }
    return weights + inputs * kPanelOutputs;
  };
  integer_tile<R>(sum_group, kTooLarge<int8_t>, panel, scales, x, first, group, out_RO);
}

template <int R>
inline void int4_tile(const uint8_t* panel, const uint16_t* scales, const ByteRows& x,
                      int64_t first, int64_t group, float* out_RO) {
  const auto sum_group = [stride = x.stride](GroupSums<R>& sums, const uint8_t* weights,
                                             const int8_t* bytes, int64_t inputs) {
    for (int begin = 0; begin < kQuads; begin += kHalf) {
      PairSums<R> pairs;
      for (int64_t k = 0; k < inputs; k += kGroupMultiple) {
        int16x8_t products[R][kHalf][2];
        for (auto& row : products) {
          for (auto& quad : row) quad[0] = quad[1] = vdupq_n_s16(0);
        }
        for (int64_t step = k; step < k + kGroupMultiple; step += 8) {
          const uint8_t* at = weights + step / 2 * kPanelOutputs + 16 * begin;
          for (int j = 0; j < kHalf; ++j) {
            const uint8x16_t both = vld1q_u8(at + 16 * j);
            const int8x16_t first4 = vreinterpretq_s8_u8(vandq_u8(both, vdupq_n_u8(15)));
            const int8x16_t last4 = vreinterpretq_s8_u8(vshrq_n_u8(both, 4));
            for (int r = 0; r < R; ++r) {
              const int8x8_t early = four_inputs(bytes + r * stride + step);
              const int8x8_t late = four_inputs(bytes + r * stride + step + 4);
              int16x8_t& low = products[r][j][0];
              int16x8_t& high = products[r][j][1];
              low = vmlal_s8(low, vget_low_s8(first4), early);
              high = vmlal_s8(high, vget_high_s8(first4), early);
              low = vmlal_s8(low, vget_low_s8(last4), late);
              high = vmlal_s8(high, vget_high_s8(last4), late);
            }
          }
        }
        for (int r = 0; r < R; ++r) {
          for (int j = 0; j < kHalf; ++j) {
            for (int half = 0; half < 2; ++half) {
              pairs.sum[r][j][half] = vpadalq_s16(pairs.sum[r][j][half], products[r][j][half]);
            }
          }
        }
      }
      pairs.set(sums, begin);
    }
    return weights + inputs / 2 * kPanelOutputs;
  };
  integer_tile<R>(sum_group, kTooLarge<uint8_t>, panel, scales, x, first, group, out_RO);
}

}  // namespace

void neon_int8_panel(const int8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                     float* out_RO) {
  int64_t r = 0;
  for (; r + kTileRows <= x.count; r += kTileRows) {
    int8_tile<kTileRows>(panel, scales, x, r, group, out_RO);
  }
  for (; r < x.count; ++r) int8_tile<1>(panel, scales, x, r, group, out_RO);
}

void neon_int4_panel(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                     float* out_RO) {
  // Sums in 16 bits lie beside those in 32: two rows fill the registers.
  int64_t r = 0;
  for (; r + 2 <= x.count; r += 2) int4_tile<2>(panel, scales, x, r, group, out_RO);
  for (; r < x.count; ++r) int4_tile<1>(panel, scales, x, r, group, out_RO);
}

}  // namespace lmc::runtime
