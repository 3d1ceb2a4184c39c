// Integer panels for AVX2, which has no dot product of bytes. Compiled with its instructions on.
//
// A tile of up to six rows by 16 outputs keeps twelve sums in registers, beside two registers of
// weights, one input and one product: all sixteen.
// Many rows share what it costs to unfold weights. A chunk of the panel is unfolded into the first
// cache and all rows pass it. Signed bytes become 16-bit numbers there: vpmaddwd multiplies and adds
// pairs of those without loss, and the sum is one more instruction. 4-bit weights become bytes
// 0 .. 15, which vpmaddubsw takes as its unsigned side; eight of its 16-bit pair sums fit 16 bits,
// so 32 inputs are summed before they are widened: nearly twice the products of signed bytes.
// Few rows (decoding) wait for memory, not for arithmetic. They read the panel as it lies, and ask
// for what lies ahead: an element's arithmetic fills the processor's window, so that it would see few
// lines of memory at a time. Of signed bytes the weight's sign moves to the input, as vpmaddubsw
// wants one side unsigned; a pair's sum is at most 2 x 127 x 127.
#include <immintrin.h>

#include "runtime/kernels/integer_panels.h"

namespace lmc::runtime {

namespace {

constexpr int64_t kTileRows = 6;
constexpr int64_t kFewRows = 4;
// Inputs whose weights are unfolded at a time, as whole groups: 16 KiB of 16-bit numbers.
constexpr int64_t kChunkInputs = 512;
// Bytes ahead of the reader: what memory delivers while a request is under way.
constexpr int64_t kAhead = 1024;

inline __m256i load(const void* in) { return _mm256_loadu_si256(static_cast<const __m256i*>(in)); }

inline void store(void* out, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(out), value);
}

inline __m256 widen_bf16(const uint16_t* in) {
  const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

// Four bytes of a row, or two 16-bit numbers, for each of eight outputs.
inline __m256i broadcast(const void* in) {
  int32_t bits;
  __builtin_memcpy(&bits, in, sizeof bits);
  return _mm256_set1_epi32(bits);
}

using AnyInt32 = int32_t __attribute__((may_alias));

// sum += weight x input for two registers of weights and two 16-bit numbers of a row. Written as
// instructions, in this order, as compilers load all inputs of a tile first, and then have no
// registers left for its sums.
inline void add_shorts(__m256i& sum0, __m256i& sum1, __m256i weight0, __m256i weight1,
                       const int16_t* input) {
  __m256i two, product;
  asm volatile(
      "vpbroadcastd %4, %2\n\t"
      "vpmaddwd %2, %5, %3\n\t"
      "vpmaddwd %2, %6, %2\n\t"
      "vpaddd %3, %0, %0\n\t"
      "vpaddd %2, %1, %1"
      : "+x"(sum0), "+x"(sum1), "=&x"(two), "=&x"(product)
      : "m"(*reinterpret_cast<const AnyInt32*>(input)), "x"(weight0), "x"(weight1));
}

// Of 4-bit weights: 32 inputs of six rows, `sums` [6][2] += weight x input. Pair sums are in
// registers 2 .. 7 (outputs 0 .. 7 of the six rows) and 8 .. 13 (outputs 8 .. 15).
#define LMC_ROW(address, low, high)         \
  "vpbroadcastd " address                   \
  ", %%ymm14\n\t"                           \
  "vpmaddubsw %%ymm14, %%ymm0, %%ymm15\n\t" \
  "vpmaddubsw %%ymm14, %%ymm1, %%ymm14\n\t" \
  "vpaddw %%ymm15, %%ymm" low ", %%ymm" low \
  "\n\t"                                    \
  "vpaddw %%ymm14, %%ymm" high ", %%ymm" high "\n\t"
#define LMC_FOUR_INPUTS(at_low, at_high, at)                                                     \
  "vmovdqa " at_low                                                                              \
  "(%[weights]), %%ymm0\n\t"                                                                     \
  "vmovdqa " at_high "(%[weights]), %%ymm1\n\t" LMC_ROW(at "(%[row0])", "2", "8")                \
      LMC_ROW(at "(%[row0],%[stride])", "3", "9") LMC_ROW(at "(%[row0],%[stride],2)", "4", "10") \
          LMC_ROW(at "(%[row3])", "5", "11") LMC_ROW(at "(%[row3],%[stride])", "6", "12")        \
              LMC_ROW(at "(%[row3],%[stride],2)", "7", "13")
#define LMC_CLEAR(sum) "vpxor %%ymm" sum ", %%ymm" sum ", %%ymm" sum "\n\t"
#define LMC_WIDEN(sum, at)                          \
  "vpmaddwd %%ymm0, %%ymm" sum ", %%ymm" sum        \
  "\n\t"                                            \
  "vpaddd " at "(%[sums]), %%ymm" sum ", %%ymm" sum \
  "\n\t"                                            \
  "vmovdqa %%ymm" sum ", " at "(%[sums])\n\t"
inline void add_32_inputs(const uint8_t* weights, const int8_t* rows, int64_t stride,
                          __m256i* sums) {
  asm volatile(
      LMC_CLEAR("2") LMC_CLEAR("3") LMC_CLEAR("4") LMC_CLEAR("5") LMC_CLEAR("6") LMC_CLEAR("7")
          LMC_CLEAR("8") LMC_CLEAR("9") LMC_CLEAR("10") LMC_CLEAR("11") LMC_CLEAR("12")
              LMC_CLEAR("13") LMC_FOUR_INPUTS("0", "32", "0") LMC_FOUR_INPUTS("64", "96", "4")
                  LMC_FOUR_INPUTS("128", "160", "8") LMC_FOUR_INPUTS("192", "224", "12")
                      LMC_FOUR_INPUTS("256", "288", "16") LMC_FOUR_INPUTS("320", "352", "20")
                          LMC_FOUR_INPUTS("384", "416", "24") LMC_FOUR_INPUTS("448", "480", "28")
      // Ones, which add up pairs.
      "vpcmpeqw %%ymm0, %%ymm0, %%ymm0\n\t"
      "vpsrlw $15, %%ymm0, %%ymm0\n\t" LMC_WIDEN("2", "0") LMC_WIDEN("8", "32") LMC_WIDEN("3", "64")
          LMC_WIDEN("9", "96") LMC_WIDEN("4", "128") LMC_WIDEN("10", "160") LMC_WIDEN("5", "192")
              LMC_WIDEN("11", "224") LMC_WIDEN("6", "256") LMC_WIDEN("12", "288")
                  LMC_WIDEN("7", "320") LMC_WIDEN("13", "352")
      :
      : [weights] "r"(weights), [row0] "r"(rows), [row3] "r"(rows + 3 * stride),
        [stride] "r"(stride), [sums] "r"(sums)
      : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
        "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "memory");
}
#undef LMC_ROW
#undef LMC_FOUR_INPUTS
#undef LMC_CLEAR
#undef LMC_WIDEN

// Adds the integer sums of a group, by the scales of both sides.
template <int R>
inline void add_group(const __m256i (&sum)[R][2], const uint16_t* scales, const float* row_scales,
                      int64_t groups, float* total) {
  const __m256 scale[2] = {widen_bf16(scales), widen_bf16(scales + 8)};
  for (int r = 0; r < R; ++r) {
    const __m256 row_scale = _mm256_broadcast_ss(row_scales + r * groups);
    for (int j = 0; j < 2; ++j) {
      float* out = total + r * kPanelOutputs + 8 * j;
      _mm256_storeu_ps(
          out, _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum[r][j]), _mm256_mul_ps(scale[j], row_scale),
                               _mm256_loadu_ps(out)));
    }
  }
}

// A chunk of a panel, unfolded, and the rows that pass it.
struct Chunk {
  const uint16_t* scales;
  const ByteRows& x;
  int64_t first_group, groups;
  int64_t group;
  float* out_RO;
};

template <int R>
inline void short_tile(const int16_t* weights, const Chunk& chunk, int64_t first) {
  const ByteRows& x = chunk.x;
  const int16_t* shorts = x.shorts + first * x.shorts_stride + chunk.first_group * chunk.group;
  const float* row_scales = x.scales + first * x.groups + chunk.first_group;
  for (int64_t g = 0; g < chunk.groups; ++g, shorts += chunk.group) {
    __m256i sum[R][2];
    for (int r = 0; r < R; ++r) sum[r][0] = sum[r][1] = _mm256_setzero_si256();
#pragma GCC unroll 2
    for (int64_t k = 0; k < chunk.group; k += 2, weights += 2 * kPanelOutputs) {
      const __m256i weight[2] = {load(weights), load(weights + kPanelOutputs)};
      for (int r = 0; r < R; ++r) {
        add_shorts(sum[r][0], sum[r][1], weight[0], weight[1], shorts + r * x.shorts_stride + k);
      }
    }
    add_group<R>(sum, chunk.scales + g * kPanelOutputs, row_scales + g, x.groups,
                 chunk.out_RO + first * kPanelOutputs);
  }
}

template <int R>
inline void nibble_tile(const uint8_t* weights, const Chunk& chunk, int64_t first) {
  const ByteRows& x = chunk.x;
  const int8_t* bytes = x.bytes + first * x.stride + chunk.first_group * chunk.group;
  const float* row_scales = x.scales + first * x.groups + chunk.first_group;
  const int32_t* row_sums = x.sums + first * x.groups + chunk.first_group;
  const __m256i ones = _mm256_set1_epi16(1);
  for (int64_t g = 0; g < chunk.groups; ++g) {
    alignas(32) __m256i sum[R][2];
    for (int r = 0; r < R; ++r) {
      sum[r][0] = sum[r][1] = _mm256_set1_epi32(-8 * row_sums[r * x.groups + g]);
    }
    for (int64_t begin = 0; begin < chunk.group; begin += kGroupMultiple, bytes += kGroupMultiple) {
      if constexpr (R == kTileRows) {
        add_32_inputs(weights, bytes, x.stride, sum[0]);
        weights += kGroupMultiple * kPanelOutputs;
        continue;
      }
      __m256i pairs[R][2];
      for (int r = 0; r < R; ++r) pairs[r][0] = pairs[r][1] = _mm256_setzero_si256();
      for (int64_t k = 0; k < kGroupMultiple; k += 4, weights += 4 * kPanelOutputs) {
        const __m256i weight[2] = {load(weights), load(weights + 32)};
        for (int r = 0; r < R; ++r) {
          const __m256i input = broadcast(bytes + r * x.stride + k);
          pairs[r][0] = _mm256_add_epi16(pairs[r][0], _mm256_maddubs_epi16(weight[0], input));
          pairs[r][1] = _mm256_add_epi16(pairs[r][1], _mm256_maddubs_epi16(weight[1], input));
        }
      }
      for (int r = 0; r < R; ++r) {
        for (int j = 0; j < 2; ++j) {
          sum[r][j] = _mm256_add_epi32(sum[r][j], _mm256_madd_epi16(pairs[r][j], ones));
        }
      }
    }
    add_group<R>(sum, chunk.scales + g * kPanelOutputs, row_scales + g, x.groups,
                 chunk.out_RO + first * kPanelOutputs);
  }
}

// Calls TILE<R>(weights, chunk, first row) for all rows.
#define LMC_ALL_TILES(TILE, weights, chunk)                  \
  for (int64_t r = 0; r < (chunk).x.count; r += kTileRows) { \
    const int64_t left = (chunk).x.count - r;                \
    switch (left < kTileRows ? left : kTileRows) {           \
      case 1:                                                \
        TILE<1>(weights, chunk, r);                          \
        break;                                               \
      case 2:                                                \
        TILE<2>(weights, chunk, r);                          \
        break;                                               \
      case 3:                                                \
        TILE<3>(weights, chunk, r);                          \
        break;                                               \
      case 4:                                                \
        TILE<4>(weights, chunk, r);                          \
        break;                                               \
      case 5:                                                \
        TILE<5>(weights, chunk, r);                          \
        break;                                               \
      default:                                               \
        TILE<6>(weights, chunk, r);                          \
    }                                                        \
  }

// Bytes [k / 4][16][4] to 16-bit numbers [k / 2][16][2].
inline void unfold_bytes(const int8_t* panel, int64_t inputs, int16_t* out) {
  // Of a half register, which is four outputs: inputs 0 and 1 of each, then 2 and 3.
  const __m256i order = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15));
  for (int64_t k = 0; k < inputs; k += 4, panel += 4 * kPanelOutputs, out += 4 * kPanelOutputs) {
    for (int j = 0; j < 2; ++j) {
      __m256i bytes = _mm256_shuffle_epi8(load(panel + 32 * j), order);
      bytes = _mm256_permute4x64_epi64(bytes, 0xd8);
      store(out + 16 * j, _mm256_cvtepi8_epi16(_mm256_castsi256_si128(bytes)));
      store(out + 32 + 16 * j, _mm256_cvtepi8_epi16(_mm256_extracti128_si256(bytes, 1)));
    }
  }
}

// Halves of bytes [k / 8][16][4] to bytes [k / 4][16][4].
inline void unfold_nibbles(const uint8_t* panel, int64_t inputs, uint8_t* out) {
  const __m256i nibble = _mm256_set1_epi8(15);
  for (int64_t k = 0; k < inputs; k += 8, panel += 4 * kPanelOutputs, out += 8 * kPanelOutputs) {
    for (int j = 0; j < 2; ++j) {
      const __m256i both = load(panel + 32 * j);
      store(out + 32 * j, _mm256_and_si256(both, nibble));
      store(out + 64 + 32 * j, _mm256_and_si256(_mm256_srli_epi16(both, 4), nibble));
    }
  }
}

inline int64_t chunk_groups(int64_t group) {
  return group < kChunkInputs ? kChunkInputs / group : 1;
}

inline void clear(float* out_RO, int64_t rows) {
  for (int64_t i = 0; i < rows * kPanelOutputs; i += 8) {
    _mm256_storeu_ps(out_RO + i, _mm256_setzero_ps());
  }
}

inline void many_int8(const int8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                      float* out_RO) {
  alignas(64) int16_t weights[kMaxGroup * kPanelOutputs];
  clear(out_RO, x.count);
  for (int64_t begin = 0; begin < x.groups; begin += chunk_groups(group)) {
    const int64_t left = x.groups - begin;
    const int64_t groups = left < chunk_groups(group) ? left : chunk_groups(group);
    unfold_bytes(panel + begin * group * kPanelOutputs, groups * group, weights);
    const Chunk chunk{scales + begin * kPanelOutputs, x, begin, groups, group, out_RO};
    LMC_ALL_TILES(short_tile, weights, chunk)
  }
}

inline void many_int4(const uint8_t* panel, const uint16_t* scales, const ByteRows& x,
                      int64_t group, float* out_RO) {
  alignas(64) uint8_t weights[kMaxGroup * kPanelOutputs];
  clear(out_RO, x.count);
  for (int64_t begin = 0; begin < x.groups; begin += chunk_groups(group)) {
    const int64_t left = x.groups - begin;
    const int64_t groups = left < chunk_groups(group) ? left : chunk_groups(group);
    unfold_nibbles(panel + begin * group * kPanelOutputs / 2, groups * group, weights);
    const Chunk chunk{scales + begin * kPanelOutputs, x, begin, groups, group, out_RO};
    LMC_ALL_TILES(nibble_tile, weights, chunk)
  }
}

#undef LMC_ALL_TILES

inline void prefetch(const void* at) {
  _mm_prefetch(static_cast<const char*>(at) + kAhead, _MM_HINT_T0);
}

template <int R>
inline void few_int8(const int8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t first,
                     int64_t group, float* out) {
  const int8_t* bytes = x.bytes + first * x.stride;
  const float* row_scales = x.scales + first * x.groups;
  const __m256i ones = _mm256_set1_epi16(1);
  clear(out, R);
  for (int64_t g = 0; g < x.groups; ++g, scales += kPanelOutputs, bytes += group) {
    __m256i sum[R][2];
    for (int r = 0; r < R; ++r) sum[r][0] = sum[r][1] = _mm256_setzero_si256();
    for (int64_t k = 0; k < group; k += 4, panel += 4 * kPanelOutputs) {
      prefetch(panel);
      const __m256i weight[2] = {load(panel), load(panel + 32)};
      const __m256i size[2] = {_mm256_abs_epi8(weight[0]), _mm256_abs_epi8(weight[1])};
      for (int r = 0; r < R; ++r) {
        const __m256i input = broadcast(bytes + r * x.stride + k);
        for (int j = 0; j < 2; ++j) {
          const __m256i pairs = _mm256_maddubs_epi16(size[j], _mm256_sign_epi8(input, weight[j]));
          sum[r][j] = _mm256_add_epi32(sum[r][j], _mm256_madd_epi16(pairs, ones));
        }
      }
    }
    add_group<R>(sum, scales, row_scales + g, x.groups, out);
  }
}

template <int R>
inline void few_int4(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t first,
                     int64_t group, float* out) {
  const int8_t* bytes = x.bytes + first * x.stride;
  const float* row_scales = x.scales + first * x.groups;
  const int32_t* row_sums = x.sums + first * x.groups;
  const __m256i ones = _mm256_set1_epi16(1), nibble = _mm256_set1_epi8(15);
  clear(out, R);
  for (int64_t g = 0; g < x.groups; ++g, scales += kPanelOutputs) {
    __m256i sum[R][2];
    for (int r = 0; r < R; ++r) {
      sum[r][0] = sum[r][1] = _mm256_set1_epi32(-8 * row_sums[r * x.groups + g]);
    }
    for (int64_t begin = 0; begin < group; begin += kGroupMultiple) {
      __m256i pairs[R][2];
      for (int r = 0; r < R; ++r) pairs[r][0] = pairs[r][1] = _mm256_setzero_si256();
#pragma GCC unroll 4
      for (int step = 0; step < 4; ++step, panel += 4 * kPanelOutputs, bytes += 8) {
        prefetch(panel);
        const __m256i both[2] = {load(panel), load(panel + 32)};
        for (int half = 0; half < 2; ++half) {
          __m256i weight[2];
          for (int j = 0; j < 2; ++j) {
            weight[j] =
                _mm256_and_si256(half == 0 ? both[j] : _mm256_srli_epi16(both[j], 4), nibble);
          }
          for (int r = 0; r < R; ++r) {
            const __m256i input = broadcast(bytes + r * x.stride + 4 * half);
            pairs[r][0] = _mm256_add_epi16(pairs[r][0], _mm256_maddubs_epi16(weight[0], input));
            pairs[r][1] = _mm256_add_epi16(pairs[r][1], _mm256_maddubs_epi16(weight[1], input));
          }
        }
      }
      for (int r = 0; r < R; ++r) {
        for (int j = 0; j < 2; ++j) {
          sum[r][j] = _mm256_add_epi32(sum[r][j], _mm256_madd_epi16(pairs[r][j], ones));
        }
      }
    }
    add_group<R>(sum, scales, row_scales + g, x.groups, out);
  }
}

// Calls TILE<R> for R = 4 and for what is left.
#define LMC_FEW_TILES(TILE)                                    \
  for (int64_t r = 0; r < x.count; r += kFewRows) {            \
    float* out = out_RO + r * kPanelOutputs;                   \
    switch (x.count - r < kFewRows ? x.count - r : kFewRows) { \
      case 1:                                                  \
        TILE<1>(panel, scales, x, r, group, out);              \
        break;                                                 \
      case 2:                                                  \
        TILE<2>(panel, scales, x, r, group, out);              \
        break;                                                 \
      case 3:                                                  \
        TILE<3>(panel, scales, x, r, group, out);              \
        break;                                                 \
      default:                                                 \
        TILE<4>(panel, scales, x, r, group, out);              \
    }                                                          \
  }

}  // namespace

void avx2_int8_panel(const int8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                     float* out_RO) {
  if (x.shorts != nullptr && x.count >= kTileRows) {
    many_int8(panel, scales, x, group, out_RO);
    return;
  }
  LMC_FEW_TILES(few_int8)
}

void avx2_int4_panel(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                     float* out_RO) {
  if (x.count >= kTileRows) {
    many_int4(panel, scales, x, group, out_RO);
    return;
  }
  LMC_FEW_TILES(few_int4)
}

#undef LMC_FEW_TILES

}  // namespace lmc::runtime
