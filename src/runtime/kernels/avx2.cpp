// The tier for AVX2 with FMA and F16C (x86-64 from 2013 on), but for its integer panels, which are
// in avx2_panels.cpp. Compiled with those instructions on.
#include <immintrin.h>

#include "runtime/kernels/integer_panels.h"
#include "runtime/kernels/tiers.h"

namespace lmc::runtime {

namespace {

constexpr int64_t kTileRows = 6;

inline __m256 widen_bf16(const uint16_t* in) {
  const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

// Calls TILE<R> for R = 6 and for what is left.
#define LMC_FOR_TILES(TILE, count, ...)                      \
  for (int64_t r = 0; r < (count); r += kTileRows) {         \
    switch ((count)-r < kTileRows ? (count)-r : kTileRows) { \
      case 1:                                                \
        TILE<1>(__VA_ARGS__);                                \
        break;                                               \
      case 2:                                                \
        TILE<2>(__VA_ARGS__);                                \
        break;                                               \
      case 3:                                                \
        TILE<3>(__VA_ARGS__);                                \
        break;                                               \
      case 4:                                                \
        TILE<4>(__VA_ARGS__);                                \
        break;                                               \
      case 5:                                                \
        TILE<5>(__VA_ARGS__);                                \
        break;                                               \
      default:                                               \
        TILE<6>(__VA_ARGS__);                                \
    }                                                        \
  }

inline __m256 float_weights(const float* in) { return _mm256_loadu_ps(in); }
inline __m256 float_weights(const uint16_t* in) { return widen_bf16(in); }

// sum += weight x input for two registers of weights. Written as instructions, in this order, as
// compilers load all inputs of a tile first, and then have no registers left for its sums.
inline void add_product(__m256& sum0, __m256& sum1, __m256 weight0, __m256 weight1,
                        const float* input) {
  __m256 value;
  asm volatile(
      "vbroadcastss %3, %2\n\t"
      "vfmadd231ps %2, %4, %0\n\t"
      "vfmadd231ps %2, %5, %1"
      : "+x"(sum0), "+x"(sum1), "=&x"(value)
      : "m"(*input), "x"(weight0), "x"(weight1));
}

template <int R, class Weight>
inline void float_tile(const Weight* panel, const float* x, int64_t stride, int64_t width,
                       float* out) {
  __m256 sum[R][2];
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) sum[r][0] = sum[r][1] = _mm256_setzero_ps();
  for (int64_t k = 0; k < width; ++k, panel += kPanelOutputs) {
    const __m256 low = float_weights(panel), high = float_weights(panel + 8);
#pragma GCC unroll 6
    for (int r = 0; r < R; ++r) {
      add_product(sum[r][0], sum[r][1], low, high, x + r * stride + k);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) {
    _mm256_storeu_ps(out + r * kPanelOutputs, sum[r][0]);
    _mm256_storeu_ps(out + r * kPanelOutputs + 8, sum[r][1]);
  }
}

void panel_f32(const float* panel_KO, const FloatRows& x, int64_t width, float* out_RO) {
  LMC_FOR_TILES(float_tile, x.count, panel_KO, x.values + r * x.stride, x.stride, width,
                out_RO + r * kPanelOutputs)
}

void panel_bf16(const uint16_t* panel_KO, const FloatRows& x, int64_t width, float* out_RO) {
  LMC_FOR_TILES(float_tile, x.count, panel_KO, x.values + r * x.stride, x.stride, width,
                out_RO + r * kPanelOutputs)
}

#undef LMC_FOR_TILES

inline float largest_of(__m256 x) {
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}

inline float sum_of(__m256 x) {
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

// The first `count` of eight lanes.
inline __m256i lanes(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int32_t>(count)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

// Eight values of a row from `k` on; those from `width` on are 0.
inline __m256 load_row(const float* x, int64_t k, int64_t width) {
  return k + 8 <= width ? _mm256_loadu_ps(x + k) : _mm256_maskload_ps(x + k, lanes(width - k));
}

inline void store_row(float* out, int64_t k, int64_t width, __m256 value) {
  if (k + 8 <= width) {
    _mm256_storeu_ps(out + k, value);
  } else {
    _mm256_maskstore_ps(out + k, lanes(width - k), value);
  }
}

void to_bytes(const float* x_K, int64_t width, int64_t group, int8_t* bytes, int16_t* shorts,
              float* scales, int32_t* sums) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  const __m256i limit = _mm256_set1_epi32(127);
  const __m256i lower = _mm256_set1_epi32(-127);
  for (int64_t begin = 0; begin < width; begin += group) {
    const int64_t end = begin + group;
    __m256 largest = _mm256_setzero_ps();
    for (int64_t k = begin; k < end && k < width; k += 8) {
      largest = _mm256_max_ps(largest, _mm256_andnot_ps(sign, load_row(x_K, k, width)));
    }
    const float most = largest_of(largest);
    const __m256 inverse = _mm256_set1_ps(most > 0 ? 127.0F / most : 0.0F);
    __m256i sum = _mm256_setzero_si256();
    for (int64_t k = begin; k < end; k += 8) {
      __m256i value = _mm256_setzero_si256();
      if (k < width) {
        value = _mm256_cvtps_epi32(_mm256_mul_ps(load_row(x_K, k, width), inverse));
        value = _mm256_max_epi32(_mm256_min_epi32(value, limit), lower);
      }
      sum = _mm256_add_epi32(sum, value);
      const __m128i halves =
          _mm_packs_epi32(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
      _mm_storel_epi64(reinterpret_cast<__m128i*>(bytes + k), _mm_packs_epi16(halves, halves));
      if (shorts != nullptr) _mm_storeu_si128(reinterpret_cast<__m128i*>(shorts + k), halves);
    }
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
    *scales++ = most / 127.0F;
    *sums++ = _mm_cvtsi128_si32(half);
  }
}

void rms_norm(const float* x_K, const float* weight_K, int64_t width, float eps, float* out_K) {
  __m256 squares = _mm256_setzero_ps();
  for (int64_t k = 0; k < width; k += 8) {
    const __m256 x = load_row(x_K, k, width);
    squares = _mm256_fmadd_ps(x, x, squares);
  }
  const float mean = sum_of(squares) / static_cast<float>(width);
  const __m256 factor = _mm256_set1_ps(1.0F / __builtin_sqrtf(mean + eps));
  for (int64_t k = 0; k < width; k += 8) {
    const __m256 x = _mm256_mul_ps(load_row(x_K, k, width), factor);
    store_row(out_K, k, width, _mm256_mul_ps(x, load_row(weight_K, k, width)));
  }
}

void layer_norm(const float* x_K, const float* weight_K, const float* bias_K, int64_t width,
                float eps, float* out_K) {
  __m256 sum = _mm256_setzero_ps();
  for (int64_t k = 0; k < width; k += 8) sum = _mm256_add_ps(sum, load_row(x_K, k, width));
  const __m256 mean = _mm256_set1_ps(sum_of(sum) / static_cast<float>(width));
  __m256 squares = _mm256_setzero_ps();
  for (int64_t k = 0; k < width; k += 8) {
    __m256 x = _mm256_sub_ps(load_row(x_K, k, width), mean);
    if (k + 8 > width) x = _mm256_and_ps(x, _mm256_castsi256_ps(lanes(width - k)));
    squares = _mm256_fmadd_ps(x, x, squares);
  }
  const float variance = sum_of(squares) / static_cast<float>(width);
  const __m256 factor = _mm256_set1_ps(1.0F / __builtin_sqrtf(variance + eps));
  for (int64_t k = 0; k < width; k += 8) {
    const __m256 x = _mm256_mul_ps(_mm256_sub_ps(load_row(x_K, k, width), mean), factor);
    store_row(out_K, k, width,
              _mm256_fmadd_ps(x, load_row(weight_K, k, width), load_row(bias_K, k, width)));
  }
}

// exp(x) = 2^n exp(r), |r| <= ln 2 / 2; the polynomial is exp's Taylor series to r^7, whose rest is
// below half a unit in the last place. Below -87 the result is 0, above 88 it is exp(88).
inline __m256 exponential(__m256 x) {
  const __m256 is_small = _mm256_cmp_ps(x, _mm256_set1_ps(-87.0F), _CMP_LT_OQ);
  x = _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(-87.0F)), _mm256_set1_ps(88.0F));
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504088896341F)),
                                   _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  // ln 2 in two parts, the first of which times n is exact.
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693145751953125F), x);
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(1.42860677e-6F), r);
  __m256 y = _mm256_set1_ps(1.0F / 5040);
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(1.0F / 720));
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(1.0F / 120));
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(1.0F / 24));
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(1.0F / 6));
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(0.5F));
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(1.0F));
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(1.0F));
  const __m256i power =
      _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return _mm256_andnot_ps(is_small, _mm256_mul_ps(y, _mm256_castsi256_ps(power)));
}

// x / (1 + exp(-z))
inline __m256 gated(__m256 x, __m256 z) {
  const __m256 one = _mm256_set1_ps(1.0F);
  const __m256 below = exponential(_mm256_sub_ps(_mm256_setzero_ps(), z));
  return _mm256_div_ps(x, _mm256_add_ps(one, below));
}

void swiglu(float* gate, const float* up, int64_t count) {
  for (int64_t i = 0; i < count; i += 8) {
    const __m256 x = load_row(gate, i, count);
    store_row(gate, i, count, _mm256_mul_ps(gated(x, x), load_row(up, i, count)));
  }
}

void gelu_tanh(float* x, int64_t count) {
  const __m256 factor = _mm256_set1_ps(1.5957691216057308F), cubic = _mm256_set1_ps(0.044715F);
  for (int64_t i = 0; i < count; i += 8) {
    const __m256 value = load_row(x, i, count);
    const __m256 cube = _mm256_mul_ps(_mm256_mul_ps(value, value), value);
    const __m256 twice_u = _mm256_mul_ps(factor, _mm256_fmadd_ps(cubic, cube, value));
    store_row(x, i, count, gated(value, twice_u));
  }
}

void to_f16(const float* in, int64_t count, uint16_t* out) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i),
                     _mm256_cvtps_ph(_mm256_loadu_ps(in + i), _MM_FROUND_TO_NEAREST_INT));
  }
  for (; i < count; ++i) {
    out[i] = static_cast<uint16_t>(
        _mm_extract_epi16(_mm_cvtps_ph(_mm_set_ss(in[i]), _MM_FROUND_TO_NEAREST_INT), 0));
  }
}

void from_f16(const uint16_t* in, int64_t count, float* out) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    _mm256_storeu_ps(out + i,
                     _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i))));
  }
  for (; i < count; ++i) out[i] = _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(in[i])));
}

inline __m256 widen_bytes(const int8_t* in) {
  return _mm256_cvtepi32_ps(
      _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(in))));
}

void keys_from_bytes(const int8_t* keys_KP, const float* scales_P, int64_t head_dim,
                     float* out_KP) {
  for (int64_t p = 0; p < kPlaces; p += 8) {
    const __m256 scale = _mm256_loadu_ps(scales_P + p);
    for (int64_t i = p; i < head_dim * kPlaces; i += kPlaces) {
      _mm256_storeu_ps(out_KP + i, _mm256_mul_ps(widen_bytes(keys_KP + i), scale));
    }
  }
}

void values_from_bytes(const int8_t* values_PK, const float* scales_P, int64_t stride,
                       float* out_PK) {
  for (int64_t p = 0; p < kPlaces; ++p) {
    const __m256 scale = _mm256_broadcast_ss(scales_P + p);
    for (int64_t i = p * stride; i < (p + 1) * stride; i += 8) {
      _mm256_storeu_ps(out_PK + i, _mm256_mul_ps(widen_bytes(values_PK + i), scale));
    }
  }
}

inline __m256 load_eight(const float* in) { return _mm256_loadu_ps(in); }
inline __m256 load_eight(const uint16_t* in) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in)));
}

// c[r][0 .. 8 C) += sum over k of a[r][k] b[k][0 .. 8 C); b is f32 or f16.
template <int R, int C, class Value>
inline void add_product(const float* a, int64_t a_stride, const Value* b, int64_t b_stride,
                        int64_t inner, float* c, int64_t c_stride) {
  __m256 sum[R][C];
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < C; ++j) sum[r][j] = _mm256_loadu_ps(c + r * c_stride + 8 * j);
  }
  for (int64_t k = 0; k < inner; ++k, b += b_stride) {
    __m256 factor[R];
    for (int r = 0; r < R; ++r) factor[r] = _mm256_broadcast_ss(a + r * a_stride + k);
    for (int j = 0; j < C; ++j) {
      const __m256 value = load_eight(b + 8 * j);
      for (int r = 0; r < R; ++r) sum[r][j] = _mm256_fmadd_ps(factor[r], value, sum[r][j]);
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < C; ++j) _mm256_storeu_ps(c + r * c_stride + 8 * j, sum[r][j]);
  }
}

// `columns` is a multiple of 8.
template <int R, class Value>
inline void add_products(const float* a, int64_t a_stride, const Value* b, int64_t b_stride,
                         int64_t inner, float* c, int64_t c_stride, int64_t columns) {
  int64_t j = 0;
  for (; j + 32 <= columns; j += 32) {
    add_product<R, 4>(a, a_stride, b + j, b_stride, inner, c + j, c_stride);
  }
  for (; j < columns; j += 8) {
    add_product<R, 1>(a, a_stride, b + j, b_stride, inner, c + j, c_stride);
  }
}

// Scores to weights: exp(score - largest), 0 for the places not seen. Returns by what all that was
// gathered before shrinks.
inline float to_weights(float* scores, int64_t visible, float* largest, float* total) {
  __m256 most = _mm256_set1_ps(*largest);
  const __m256 lowest = _mm256_set1_ps(-__builtin_inff());
  for (int64_t p = 0; p < visible; p += 8) {
    const __m256 mask = _mm256_castsi256_ps(lanes(visible - p));
    most = _mm256_max_ps(most, _mm256_blendv_ps(lowest, _mm256_loadu_ps(scores + p), mask));
  }
  const float now = largest_of(most);
  const __m256 shift = _mm256_set1_ps(now);
  __m256 sum = _mm256_setzero_ps();
  for (int64_t p = 0; p < kPlaces; p += 8) {
    const __m256 mask = _mm256_castsi256_ps(lanes(visible - p));
    const __m256 weight =
        _mm256_and_ps(mask, exponential(_mm256_sub_ps(_mm256_loadu_ps(scores + p), shift)));
    _mm256_storeu_ps(scores + p, weight);
    sum = _mm256_add_ps(sum, weight);
  }
  const float shrink = _mm256_cvtss_f32(exponential(_mm256_set1_ps(*largest - now)));
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
    const __m256 factor = _mm256_set1_ps(shrink);
    for (int64_t k = 0; k < queries.stride; k += 8) {
      _mm256_storeu_ps(sum + k, _mm256_mul_ps(factor, _mm256_loadu_ps(sum + k)));
    }
  }
  add_products<R>(scores[0], kPlaces, values_PK, queries.stride, most_visible, sums, queries.stride,
                  queries.stride);
}

template <class Value>
inline void meet(const Value* keys_KP, const Value* values_PK, int64_t head_dim,
                 const PageQueries& queries) {
  int64_t first = 0;
  for (; first + 3 <= queries.count; first += 3) {
    meet_rows<3>(keys_KP, values_PK, head_dim, queries, first);
  }
  if (queries.count - first == 2) meet_rows<2>(keys_KP, values_PK, head_dim, queries, first);
  if (queries.count - first == 1) meet_rows<1>(keys_KP, values_PK, head_dim, queries, first);
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

constinit const Kernels kAvx2Kernels = {
    "avx2",          true,         panel_f32, panel_bf16,      avx2_int8_panel,
    avx2_int4_panel, to_bytes,     rms_norm,  layer_norm,      swiglu,
    gelu_tanh,       to_f16,       from_f16,  keys_from_bytes, values_from_bytes,
    meet_page,       meet_f16_page};

}  // namespace lmc::runtime
