// Panels of integers, which each tier of x86-64 computes in its own way; the rest of a tier is
// AVX2's.
#pragma once

#include "runtime/kernels/kernels.h"  // ByteRows

namespace lmc::runtime {

using Int8Panel = void (*)(const int8_t* panel, const uint16_t* scales, const ByteRows& x,
                           int64_t group, float* out_RO);
using Int4Panel = void (*)(const uint8_t* panel, const uint16_t* scales, const ByteRows& x,
                           int64_t group, float* out_RO);

// The pointers are constants: nothing of these files runs before its tier is chosen.
extern const Int8Panel kAvx2Int8Panel, kAvxVnniInt8Panel, kAvx512VnniInt8Panel, kAmxInt8Panel;
extern const Int4Panel kAvx2Int4Panel, kAvxVnniInt4Panel, kAvx512VnniInt4Panel, kAmxInt4Panel;

}  // namespace lmc::runtime
