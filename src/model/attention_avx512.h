// Attention over a packed stream on processors with AVX-512, forward and backward.
//
// libtorch's own kernel for CPUs leaves its products to MKL in pieces too small for it (90 GFLOP/s
// a core by its square of scores, on a processor that can 260). Here a run of queries meets all its
// keys at once: the scores of 32 queries lie in the second-level cache, softmax needs no second
// pass over the keys, and what is causally hidden is never computed. Arithmetic in f32 whatever the
// dtype; the backward pass makes the scores again and keeps q, k and v alone.
// Letters as in attention.h.
// Mirrors: scaled_dot_product_attention.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>

namespace lmc::model {

// Whether this processor can, and these are tensors it is made for (f32 or bf16 on a CPU).
bool has_avx512_attention(const torch::Tensor& q_NAK);

// segment_attention() of attention.h, differentiable once.
torch::Tensor avx512_attention(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                               const torch::Tensor& v_NGK, std::span<const int64_t> segment_lengths,
                               bool causal);

}  // namespace lmc::model
