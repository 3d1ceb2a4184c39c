// Panels of integers, which each tier computes in its own way; the rest of a tier is AVX2's or NEON's.
#pragma once

#include "runtime/kernels/kernels.h"  // ByteRows

namespace lmc::runtime {

using Int8Panel = void(const int8_t* panel, const uint16_t* scales, const ByteRows& x,
                       int64_t group, float* out_RO);
using Int4Panel = void(const uint8_t* panel, const uint16_t* scales, const ByteRows& x,
                       int64_t group, float* out_RO);

// A build has those of its own processors.
Int8Panel avx2_int8_panel, avx_vnni_int8_panel, avx512_vnni_int8_panel, amx_int8_panel;
Int4Panel avx2_int4_panel, avx_vnni_int4_panel, avx512_vnni_int4_panel, amx_int4_panel;
Int8Panel neon_int8_panel, neon_dotprod_int8_panel, neon_i8mm_int8_panel;
Int4Panel neon_int4_panel, neon_dotprod_int4_panel, neon_i8mm_int4_panel;

}  // namespace lmc::runtime
