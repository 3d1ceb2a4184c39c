// Panels of integers, which each tier computes in its own way; the rest of a tier is AVX2's or NEON's.
#pragma once

#include "runtime/kernels/kernels.h"  // ByteRows

namespace lmc::runtime {

using Int8Panel = void(const int8_t* panel, const uint16_t* scales, const ByteRows& x,
                       int64_t group, float* out_RO);
using Int4Panel = void(const uint8_t* panel, const uint16_t* scales, const ByteRows& x,
                       int64_t group, float* out_RO);

// The rows from `first` on. Static, as kernels.h wants it: every file has its own.
static inline ByteRows rows_from(const ByteRows& x, int64_t first) {
  ByteRows rest = x;
  rest.bytes += first * x.stride;
  rest.scales += first * x.groups;
  rest.sums += first * x.groups;
  if (x.shorts != nullptr) rest.shorts += first * x.shorts_stride;
  rest.count -= first;
  return rest;
}

// A build has those of its own processors.
Int8Panel avx2_int8_panel, avx_vnni_int8_panel, avx512_vnni_int8_panel, amx_int8_panel;
Int4Panel avx2_int4_panel, avx_vnni_int4_panel, avx512_vnni_int4_panel, amx_int4_panel;
Int8Panel neon_int8_panel, neon_dotprod_int8_panel, neon_i8mm_int8_panel;
Int4Panel neon_int4_panel, neon_dotprod_int4_panel, neon_i8mm_int4_panel;

}  // namespace lmc::runtime
