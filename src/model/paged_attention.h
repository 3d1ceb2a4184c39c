// Attention of new tokens over the pages of their sequences (kv_pages.h). Causal.
//
// On a CPU the kernel takes page after page, 64 places at a time, and each query by itself; so a
// token's result is the same bits whether its sequence came in one piece or in several, alone or
// beside others. Elsewhere pages are gathered and libtorch's attention takes them.
// Letters: N new tokens, A query heads, G key/value heads (query head a uses key/value head
// a / (A / G)), K head width.
// Source: Milakov and Gimelshein 2018 (arXiv 1805.02867), softmax with a running maximum.
// Threads: any, for sequences that differ.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "model/kv_pages.h"  // KvPages

namespace lmc::model {

// New tokens of one sequence: rows [first_row, first_row + count) of the stream stand at the places
// `before` on of the pages, which have room for them.
struct PagedSegment {
  int64_t first_row = 0;
  int64_t count = 0;
  int64_t before = 0;
  std::vector<PageId> pages;
};

// What a forward pass knows of the cache.
struct PagedBatch {
  KvPages* pages = nullptr;
  std::vector<PagedSegment> segments;
};

// Whether there is the kernel for it; else pages are gathered, and a result depends on what runs
// beside it in its last bits.
bool has_page_kernel(torch::Device device, torch::Dtype dtype, int64_t head_dim);

// Stores the new keys and values, then attends. Returns [N, A * K] in the dtype of q.
torch::Tensor paged_attention(const torch::Tensor& q_NAK, const torch::Tensor& k_NGK,
                              const torch::Tensor& v_NGK, size_t layer, const PagedBatch& batch);

}  // namespace lmc::model
