// Scaled dot-product attention over a packed stream, without padding and without a mask in memory.
//
// Letters: N tokens of the stream, A query heads, G key/value heads (query head a uses key/value
// head a / (A / G)), K head width.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>

namespace lmc::model {

class KvCache;

// Each segment attends to itself: to all of it, or causally. Returns [N, A * K].
torch::Tensor segment_attention(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                                const torch::Tensor& v_NGK,
                                std::span<const int64_t> segment_lengths, bool causal);

// Segment i continues row i of the cache, which already holds this layer's new keys and values
// (KvCache::store) but not yet their count (KvCache::advance). Causal. Returns [N, A * K].
torch::Tensor cached_attention(const torch::Tensor& q_NAK, const KvCache& cache, size_t layer,
                               std::span<const int64_t> segment_lengths);

}  // namespace lmc::model
