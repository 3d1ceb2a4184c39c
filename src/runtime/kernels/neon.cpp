// The tier for NEON, which every 64-bit ARM processor has, but for its integer panels, which are in
// neon_panels.cpp.
//
// Two registers are taken for one of eight lanes, and sums over lanes are added up in AVX2's order: so
// norms, activations and attention have the bits that they have there.
#include <arm_neon.h>

#include "runtime/kernels/integer_panels.h"
#include "runtime/kernels/neon_groups.h"  // kQuads, widen_bf16
#include "runtime/kernels/tiers.h"

namespace lmc::runtime {

namespace {

constexpr int64_t kTileRows = 4;

inline float32x4_t float_weights(const float* in) { return vld1q_f32(in); }
inline float32x4_t float_weights(const uint16_t* bf16) { return widen_bf16(bf16); }

template <int R, class Weight>
inline void float_tile(const Weight* panel, const float* x, int64_t stride, int64_t width,
                       float* out) {
  float32x4_t sum[R][kQuads];
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < kQuads; ++j) sum[r][j] = vdupq_n_f32(0);
  }
  for (int64_t k = 0; k < width; ++k, panel += kPanelOutputs) {
    float32x4_t weight[kQuads];
    for (int j = 0; j < kQuads; ++j) weight[j] = float_weights(panel + 4 * j);
    for (int r = 0; r < R; ++r) {
      const float input = x[r * stride + k];
      for (int j = 0; j < kQuads; ++j) sum[r][j] = vfmaq_n_f32(sum[r][j], weight[j], input);
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < kQuads; ++j) vst1q_f32(out + r * kPanelOutputs + 4 * j, sum[r][j]);
  }
}

template <class Weight>
inline void float_panel(const Weight* panel, const FloatRows& x, int64_t width, float* out_RO) {
  int64_t r = 0;
  for (; r + kTileRows <= x.count; r += kTileRows) {
    float_tile<kTileRows>(panel, x.values + r * x.stride, x.stride, width,
                          out_RO + r * kPanelOutputs);
  }
  for (; r < x.count; ++r) {
    float_tile<1>(panel, x.values + r * x.stride, x.stride, width, out_RO + r * kPanelOutputs);
  }
}

void panel_f32(const float* panel_KO, const FloatRows& x, int64_t width, float* out_RO) {
  float_panel(panel_KO, x, width, out_RO);
}

void panel_bf16(const uint16_t* panel_KO, const FloatRows& x, int64_t width, float* out_RO) {
  float_panel(panel_KO, x, width, out_RO);
}

struct Eight {
  float32x4_t low, high;
};

inline Eight fill(float value) { return {vdupq_n_f32(value), vdupq_n_f32(value)}; }
inline Eight load(const float* in) { return {vld1q_f32(in), vld1q_f32(in + 4)}; }
inline Eight load(const uint16_t* f16) {
  const float16x8_t halves = vreinterpretq_f16_u16(vld1q_u16(f16));
  return {vcvt_f32_f16(vget_low_f16(halves)), vcvt_f32_f16(vget_high_f16(halves))};
}
inline void store(float* out, const Eight& x) {
  vst1q_f32(out, x.low);
  vst1q_f32(out + 4, x.high);
}

inline Eight operator+(const Eight& a, const Eight& b) {
  return {vaddq_f32(a.low, b.low), vaddq_f32(a.high, b.high)};
}
inline Eight operator-(const Eight& a, const Eight& b) {
  return {vsubq_f32(a.low, b.low), vsubq_f32(a.high, b.high)};
}
inline Eight operator*(const Eight& a, const Eight& b) {
  return {vmulq_f32(a.low, b.low), vmulq_f32(a.high, b.high)};
}
inline Eight operator/(const Eight& a, const Eight& b) {
  return {vdivq_f32(a.low, b.low), vdivq_f32(a.high, b.high)};
}
// a b + c, rounded once
inline Eight fma(const Eight& a, const Eight& b, const Eight& c) {
  return {vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)};
}
// The larger; of a number and a NaN the number.
inline Eight larger(const Eight& a, const Eight& b) {
  return {vmaxnmq_f32(a.low, b.low), vmaxnmq_f32(a.high, b.high)};
}

inline float largest_of(const Eight& x) { return vmaxnmvq_f32(vmaxnmq_f32(x.low, x.high)); }

inline float sum_of(const Eight& x) {
  const float32x4_t half = vaddq_f32(x.low, x.high);
  const float32x2_t quarter = vadd_f32(vget_low_f32(half), vget_high_f32(half));
  return vget_lane_f32(quarter, 0) + vget_lane_f32(quarter, 1);
}

// All ones in the first `count` of eight lanes.
struct Mask {
  uint32x4_t low, high;
};
inline Mask lanes(int64_t count) {
  static constexpr int32_t kPlace[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  const int32x4_t all = vdupq_n_s32(static_cast<int32_t>(count < 8 ? count : 8));
  return {vcgtq_s32(all, vld1q_s32(kPlace)), vcgtq_s32(all, vld1q_s32(kPlace + 4))};
}
inline Eight choose(const Mask& mask, const Eight& a, const Eight& otherwise) {
  return {vbslq_f32(mask.low, a.low, otherwise.low), vbslq_f32(mask.high, a.high, otherwise.high)};
}

// Eight values of a row from `k` on; those from `width` on are 0.
inline Eight load_row(const float* x, int64_t k, int64_t width) {
  if (k + 8 <= width) return load(x + k);
  float part[8] = {};
  for (int64_t i = 0; i < width - k; ++i) part[i] = x[k + i];
  return load(part);
}

inline void store_row(float* out, int64_t k, int64_t width, const Eight& value) {
  if (k + 8 <= width) {
    store(out + k, value);
    return;
  }
  float part[8];
  store(part, value);
  for (int64_t i = 0; i < width - k; ++i) out[k + i] = part[i];
}

// To the nearest integer, halves to the even one, from -127 to 127.
inline int16x8_t to_integers(const Eight& x) {
  const int32x4_t limit = vdupq_n_s32(127), lower = vdupq_n_s32(-127);
  const int32x4_t low = vmaxq_s32(vminq_s32(vcvtnq_s32_f32(x.low), limit), lower);
  const int32x4_t high = vmaxq_s32(vminq_s32(vcvtnq_s32_f32(x.high), limit), lower);
  return vcombine_s16(vmovn_s32(low), vmovn_s32(high));
}

void to_bytes(const float* x_K, int64_t width, int64_t group, int8_t* bytes, int16_t* shorts,
              float* scales, int32_t* sums) {
  for (int64_t begin = 0; begin < width; begin += group) {
    const int64_t end = begin + group;
    Eight largest = fill(0);
    for (int64_t k = begin; k < end && k < width; k += 8) {
      const Eight x = load_row(x_K, k, width);
      largest = larger(largest, {vabsq_f32(x.low), vabsq_f32(x.high)});
    }
    const float most = largest_of(largest);
    const Eight inverse = fill(most > 0 ? 127.0F / most : 0.0F);
    int32x4_t sum = vdupq_n_s32(0);
    for (int64_t k = begin; k < end; k += 8) {
      const int16x8_t value =
          k < width ? to_integers(load_row(x_K, k, width) * inverse) : vdupq_n_s16(0);
      sum = vpadalq_s16(sum, value);
      vst1_s8(bytes + k, vmovn_s16(value));
      if (shorts != nullptr) vst1q_s16(shorts + k, value);
    }
    *scales++ = most / 127.0F;
    *sums++ = vaddvq_s32(sum);
  }
}

void rms_norm(const float* x_K, const float* weight_K, int64_t width, float eps, float* out_K) {
  Eight squares = fill(0);
  for (int64_t k = 0; k < width; k += 8) {
    const Eight x = load_row(x_K, k, width);
    squares = fma(x, x, squares);
  }
  const float mean = sum_of(squares) / static_cast<float>(width);
  const Eight factor = fill(1.0F / __builtin_sqrtf(mean + eps));
  for (int64_t k = 0; k < width; k += 8) {
    store_row(out_K, k, width, load_row(x_K, k, width) * factor * load_row(weight_K, k, width));
  }
}

void layer_norm(const float* x_K, const float* weight_K, const float* bias_K, int64_t width,
                float eps, float* out_K) {
  Eight sum = fill(0);
  for (int64_t k = 0; k < width; k += 8) sum = sum + load_row(x_K, k, width);
  const Eight mean = fill(sum_of(sum) / static_cast<float>(width));
  Eight squares = fill(0);
  for (int64_t k = 0; k < width; k += 8) {
    const Eight x = choose(lanes(width - k), load_row(x_K, k, width) - mean, fill(0));
    squares = fma(x, x, squares);
  }
  const float variance = sum_of(squares) / static_cast<float>(width);
  const Eight factor = fill(1.0F / __builtin_sqrtf(variance + eps));
  for (int64_t k = 0; k < width; k += 8) {
    const Eight x = (load_row(x_K, k, width) - mean) * factor;
    store_row(out_K, k, width, fma(x, load_row(weight_K, k, width), load_row(bias_K, k, width)));
  }
}

// exp(x) as avx2.cpp computes it: 2^n exp(r), |r| <= ln 2 / 2, by exp's Taylor series to r^7. Below
// -87 the result is 0, above 88 it is exp(88).
inline float32x4_t exponential(float32x4_t x) {
  const uint32x4_t is_small = vcltq_f32(x, vdupq_n_f32(-87.0F));
  x = vminq_f32(vmaxq_f32(x, vdupq_n_f32(-87.0F)), vdupq_n_f32(88.0F));
  const float32x4_t n = vrndnq_f32(vmulq_f32(x, vdupq_n_f32(1.44269504088896341F)));
  // ln 2 in two parts, the first of which times n is exact.
  float32x4_t r = vfmsq_f32(x, n, vdupq_n_f32(0.693145751953125F));
  r = vfmsq_f32(r, n, vdupq_n_f32(1.42860677e-6F));
  float32x4_t y = vdupq_n_f32(1.0F / 5040);
  y = vfmaq_f32(vdupq_n_f32(1.0F / 720), y, r);
  y = vfmaq_f32(vdupq_n_f32(1.0F / 120), y, r);
  y = vfmaq_f32(vdupq_n_f32(1.0F / 24), y, r);
  y = vfmaq_f32(vdupq_n_f32(1.0F / 6), y, r);
  y = vfmaq_f32(vdupq_n_f32(0.5F), y, r);
  y = vfmaq_f32(vdupq_n_f32(1.0F), y, r);
  y = vfmaq_f32(vdupq_n_f32(1.0F), y, r);
  const int32x4_t power = vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23);
  const float32x4_t value = vmulq_f32(y, vreinterpretq_f32_s32(power));
  return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(value), is_small));
}
inline Eight exponential(const Eight& x) { return {exponential(x.low), exponential(x.high)}; }

// x / (1 + exp(-z))
inline Eight gated(const Eight& x, const Eight& z) {
  return x / (fill(1) + exponential(fill(0) - z));
}

void swiglu(float* gate, const float* up, int64_t count) {
  for (int64_t i = 0; i < count; i += 8) {
    const Eight x = load_row(gate, i, count);
    store_row(gate, i, count, gated(x, x) * load_row(up, i, count));
  }
}

void gelu_tanh(float* x, int64_t count) {
  const Eight factor = fill(1.5957691216057308F), cubic = fill(0.044715F);
  for (int64_t i = 0; i < count; i += 8) {
    const Eight value = load_row(x, i, count);
    const Eight twice_u = factor * fma(cubic, value * value * value, value);
    store_row(x, i, count, gated(value, twice_u));
  }
}

void to_f16(const float* in, int64_t count, uint16_t* out) {
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    vst1_u16(out + i, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(in + i))));
  }
  for (; i < count; ++i) {
    out[i] = vget_lane_u16(vreinterpret_u16_f16(vcvt_f16_f32(vdupq_n_f32(in[i]))), 0);
  }
}

void from_f16(const uint16_t* in, int64_t count, float* out) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) store(out + i, load(in + i));
  for (; i < count; ++i) {
    out[i] = vgetq_lane_f32(vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(in[i]))), 0);
  }
}

inline Eight widen_bytes(const int8_t* in) {
  const int16x8_t wide = vmovl_s8(vld1_s8(in));
  return {vcvtq_f32_s32(vmovl_s16(vget_low_s16(wide))),
          vcvtq_f32_s32(vmovl_s16(vget_high_s16(wide)))};
}

void keys_from_bytes(const int8_t* keys_KP, const float* scales_P, int64_t head_dim,
                     float* out_KP) {
  for (int64_t p = 0; p < kPlaces; p += 8) {
    const Eight scale = load(scales_P + p);
    for (int64_t i = p; i < head_dim * kPlaces; i += kPlaces) {
      store(out_KP + i, widen_bytes(keys_KP + i) * scale);
    }
  }
}

void values_from_bytes(const int8_t* values_PK, const float* scales_P, int64_t stride,
                       float* out_PK) {
  for (int64_t p = 0; p < kPlaces; ++p) {
    const Eight scale = fill(scales_P[p]);
    for (int64_t i = p * stride; i < (p + 1) * stride; i += 8) {
      store(out_PK + i, widen_bytes(values_PK + i) * scale);
    }
  }
}

// c[r][0 .. 8 C) += sum over k of a[r][k] b[k][0 .. 8 C); b is f32 or f16.
template <int R, int C, class Value>
inline void add_product(const float* a, int64_t a_stride, const Value* b, int64_t b_stride,
                        int64_t inner, float* c, int64_t c_stride) {
  Eight sum[R][C];
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < C; ++j) sum[r][j] = load(c + r * c_stride + 8 * j);
  }
  for (int64_t k = 0; k < inner; ++k, b += b_stride) {
    for (int j = 0; j < C; ++j) {
      const Eight value = load(b + 8 * j);
      for (int r = 0; r < R; ++r) {
        sum[r][j].low = vfmaq_n_f32(sum[r][j].low, value.low, a[r * a_stride + k]);
        sum[r][j].high = vfmaq_n_f32(sum[r][j].high, value.high, a[r * a_stride + k]);
      }
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < C; ++j) store(c + r * c_stride + 8 * j, sum[r][j]);
  }
}

// `columns` is a multiple of 8.
template <int R, class Value>
inline void add_products(const float* a, int64_t a_stride, const Value* b, int64_t b_stride,
                         int64_t inner, float* c, int64_t c_stride, int64_t columns) {
  int64_t j = 0;
  for (; j + 16 <= columns; j += 16) {
    add_product<R, 2>(a, a_stride, b + j, b_stride, inner, c + j, c_stride);
  }
  if (j < columns) add_product<R, 1>(a, a_stride, b + j, b_stride, inner, c + j, c_stride);
}

// Scores to weights: exp(score - largest), 0 for the places not seen. Returns by what all that was
// gathered before shrinks.
inline float to_weights(float* scores, int64_t visible, float* largest, float* total) {
  const Eight lowest = fill(-__builtin_inff());
  Eight most = fill(*largest);
  for (int64_t p = 0; p < visible; p += 8) {
    most = larger(most, choose(lanes(visible - p), load(scores + p), lowest));
  }
  const float now = largest_of(most);
  Eight sum = fill(0);
  for (int64_t p = 0; p < kPlaces; p += 8) {
    const Eight weight = exponential(load(scores + p) - fill(now));
    const Eight seen = choose(lanes(visible - p), weight, fill(0));
    store(scores + p, seen);
    sum = sum + seen;
  }
  const float shrink = vgetq_lane_f32(exponential(vdupq_n_f32(*largest - now)), 0);
  *largest = now;
  *total = *total * shrink + sum_of(sum);
  return shrink;
}

template <int R, class Value>
inline void meet_rows(const Value* keys_KP, const Value* values_PK, int64_t head_dim,
                      const PageQueries& queries, int64_t first) {
  float scores[R][kPlaces] = {};
  const float* query = queries.queries_RK + first * queries.stride;
  float* sums = queries.sum_RK + first * queries.stride;
  add_products<R>(query, queries.stride, keys_KP, kPlaces, head_dim, scores[0], kPlaces, kPlaces);
  int64_t most_visible = 0;
  for (int r = 0; r < R; ++r) {
    const int64_t visible = queries.visible_R[first + r];
    most_visible = visible > most_visible ? visible : most_visible;
    if (visible <= 0) {
      for (int64_t p = 0; p < kPlaces; ++p) scores[r][p] = 0;
      continue;
    }
    const float shrink =
        to_weights(scores[r], visible, queries.largest_R + first + r, queries.total_R + first + r);
    float* sum = sums + r * queries.stride;
    for (int64_t k = 0; k < queries.stride; k += 8) store(sum + k, fill(shrink) * load(sum + k));
  }
  add_products<R>(scores[0], kPlaces, values_PK, queries.stride, most_visible, sums, queries.stride,
                  queries.stride);
}

template <class Value>
inline void meet(const Value* keys_KP, const Value* values_PK, int64_t head_dim,
                 const PageQueries& queries) {
  int64_t first = 0;
  for (; first + kTileRows <= queries.count; first += kTileRows) {
    meet_rows<kTileRows>(keys_KP, values_PK, head_dim, queries, first);
  }
  for (; first < queries.count; ++first) {
    meet_rows<1>(keys_KP, values_PK, head_dim, queries, first);
  }
}

void meet_page(const float* keys_KP, const float* values_PK, int64_t head_dim,
               const PageQueries& queries) {
  meet(keys_KP, values_PK, head_dim, queries);
}

void meet_f16_page(const uint16_t* keys_KP, const uint16_t* values_PK, int64_t head_dim,
                   const PageQueries& queries) {
  meet(keys_KP, values_PK, head_dim, queries);
}

}  // namespace

constinit const Kernels kNeonKernels = {
    "neon",   false,           panel_f32,         panel_bf16, neon_int8_panel, neon_int4_panel,
    to_bytes, rms_norm,        layer_norm,        swiglu,     gelu_tanh,       to_f16,
    from_f16, keys_from_bytes, values_from_bytes, meet_page,  meet_f16_page};

}  // namespace lmc::runtime
