// The inner loops of the device engine, one table of functions for each tier of instruction sets.
//
// A panel is 16 outputs of a matrix over all its inputs; its layout is in packed_matrix.h. All
// tiers compute a panel by the same operations in the same order: integers within a group exactly,
// then one fused multiply-add a group (or, in float forms, an input), in ascending order. So a row
// has the same bits however many rows are computed beside it, and on every tier. Sums over the
// places of a row and what goes through exp() are the scalar tier's to rounding; the tiers with vectors,
// of whichever processor, share their bits there too.
// Letters: R rows, K inputs or head width, O the outputs of a panel, P places of a page.
// This header is included by files compiled for one instruction set: it must bring in no inline
// function, as the linker keeps one copy of those for all.
// Threads: any.
#pragma once

#include <stdint.h>

namespace lmc::runtime {

inline constexpr int64_t kPanelOutputs = 16;
inline constexpr int64_t kGroupMultiple = 32;  // every group is a multiple of so many inputs
inline constexpr int64_t kMaxGroup = 1024;  // and has no more: 32-bit sums are taken once a group
inline constexpr int64_t kPlaces = 64;      // of a page of keys and values
inline constexpr int64_t kFloatLanes = 8;   // float rows are padded to a multiple

// Rows of floats.
struct FloatRows {
  const float* values = nullptr;
  int64_t stride = 0;
  int64_t count = 0;
};

// Rows of signed bytes in groups; a value is its byte times its group's scale.
struct ByteRows {
  const int8_t* bytes = nullptr;  // -127 .. 127
  int64_t stride = 0;
  const float* scales = nullptr;  // one a group
  const int32_t* sums = nullptr;  // of the bytes of each group
  int64_t groups = 0;             // of a row; also the stride of scales and sums
  int64_t count = 0;
  const int16_t* shorts = nullptr;  // the bytes once more, for tiers that take them so; or null
  int64_t shorts_stride = 0;
};

// Queries of one head that meet the same page of keys and values, and what they have gathered from
// the pages before.
struct PageQueries {
  int64_t count = 0;
  const float* queries_RK = nullptr;   // times 1 / sqrt(K)
  const int64_t* visible_R = nullptr;  // places of this page that each may see: the first so many
  float* largest_R = nullptr;          // score so far; at first -infinity
  float* total_R = nullptr;            // of exp(score - largest); at first 0
  float* sum_RK = nullptr;             // of the values by that weight; at first 0
  int64_t stride = 0;                  // of queries and sums
};

struct Kernels {
  const char* name;
  bool takes_shorts;  // panel_int8 is faster on several rows that come as 16-bit numbers too

  // out_RO = x_RK w_OK; `width` inputs.
  void (*panel_f32)(const float* panel_KO, const FloatRows& x, int64_t width, float* out_RO);
  void (*panel_bf16)(const uint16_t* panel_KO, const FloatRows& x, int64_t width, float* out_RO);
  // `scales`: bf16, [groups, O].
  void (*panel_int8)(const int8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                     float* out_RO);
  void (*panel_int4)(const uint8_t* panel, const uint16_t* scales, const ByteRows& x, int64_t group,
                     float* out_RO);

  // One row of `width` floats to bytes: scale = largest of the group / 127, nearest even. Bytes
  // from `width` to the end of the last group become 0. `shorts`: the bytes once more, or null.
  void (*to_bytes)(const float* x_K, int64_t width, int64_t group, int8_t* bytes, int16_t* shorts,
                   float* scales, int32_t* sums);

  // weight * x / sqrt(mean of squares + eps)
  void (*rms_norm)(const float* x_K, const float* weight_K, int64_t width, float eps, float* out_K);
  void (*layer_norm)(const float* x_K, const float* weight_K, const float* bias_K, int64_t width,
                     float eps, float* out_K);
  // gate <- silu(gate) * up
  void (*swiglu)(float* gate, const float* up, int64_t count);
  void (*gelu_tanh)(float* x, int64_t count);

  void (*to_f16)(const float* in, int64_t count, uint16_t* out);
  void (*from_f16)(const uint16_t* in, int64_t count, float* out);

  // A page's bytes as floats: keys [K, P] times a scale for each place, values [P, stride] likewise.
  void (*keys_from_bytes)(const int8_t* keys_KP, const float* scales_P, int64_t head_dim,
                          float* out_KP);
  void (*values_from_bytes)(const int8_t* values_PK, const float* scales_P, int64_t stride,
                            float* out_PK);

  // `stride` of the queries is a multiple of 8 and that of values.
  void (*meet_page)(const float* keys_KP, const float* values_PK, int64_t head_dim,
                    const PageQueries& queries);
  // The same of a page in f16, with the same bits; for few queries, which are not worth a page in
  // floats.
  void (*meet_f16_page)(const uint16_t* keys_KP, const uint16_t* values_PK, int64_t head_dim,
                        const PageQueries& queries);
};

}  // namespace lmc::runtime
