// One page of keys and values, met by some queries: the inner loop of paged attention on a CPU.
//
// Letters: K head width, P places of a page (kPageTokens).
// Threads: any.
#pragma once

#include <cstdint>

namespace lmc::model {

// Places of a page of the KV cache.
inline constexpr int64_t kPageTokens = 64;

// Queries of one head that meet the same page, and what they have gathered from the pages before.
struct PageQueries {
  int64_t count = 0;
  const float* scaled_query_RK = nullptr;  // times 1 / sqrt(K)
  const int64_t* visible_R = nullptr;  // places of this page that each may see: the first so many
  float* largest_R = nullptr;          // score so far; at first -infinity
  float* total_R = nullptr;            // of exp(score - largest); at first 0
  float* sum_RK = nullptr;             // of the values by that weight; at first 0
};

// `head_dim` is a multiple of 8.
void meet_page(const float* keys_KP, const float* values_PK, int64_t head_dim,
               const PageQueries& queries);

}  // namespace lmc::model
