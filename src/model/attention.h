// Scaled dot-product attention over a packed stream, without padding and without a mask in memory.
//
// Letters: N tokens of the stream, A query heads, G key/value heads (query head a uses key/value
// head a / (A / G)), K head width.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>

namespace lmc::model {

// Each segment attends to itself: to all of it, or causally. Returns [N, A * K].
torch::Tensor segment_attention(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                                const torch::Tensor& v_NGK,
                                std::span<const int64_t> segment_lengths, bool causal);

}  // namespace lmc::model
