// Attention of a block of queries to pages of keys and values, one page after the other: scores are
// never held for more than a page.
//
// Letters: R queries, K head width.
// Source:  Milakov and Gimelshein 2018 (arXiv 1805.02867), the running maximum.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "runtime/kernels/kernels.h"  // Kernels, PageQueries

namespace lmc::runtime {

// Room for the queries of one block and what they gather; one for each thread.
class PageWalk {
 public:
  void begin(int64_t count, int64_t head_dim) {
    count_ = count;
    head_dim_ = head_dim;
    stride_ = (head_dim + kFloatLanes - 1) / kFloatLanes * kFloatLanes;
    const auto rows = static_cast<size_t>(count);
    queries_RK_.assign(rows * static_cast<size_t>(stride_), 0);
    sum_RK_.assign(rows * static_cast<size_t>(stride_), 0);
    largest_R_.assign(rows, -std::numeric_limits<float>::infinity());
    total_R_.assign(rows, 0);
    visible_R_.assign(rows, kPlaces);
  }

  // Times 1 / sqrt(K), in the caller's rounding.
  void set_query(int64_t row, const float* query_K, float scale) {
    float* out = queries_RK_.data() + row * stride_;
    for (int64_t k = 0; k < head_dim_; ++k) out[k] = query_K[k] * scale;
  }
  void set_visible(int64_t row, int64_t places) {
    visible_R_[static_cast<size_t>(row)] = std::clamp<int64_t>(places, 0, kPlaces);
  }

  void meet(const Kernels& kernels, const float* keys_KP, const float* values_PK) {
    kernels.meet_page(keys_KP, values_PK, head_dim_, queries());
  }
  void meet(const Kernels& kernels, const uint16_t* keys_KP, const uint16_t* values_PK) {
    kernels.meet_f16_page(keys_KP, values_PK, head_dim_, queries());
  }

  // The mean of the values that the query saw, by its weights.
  void take(int64_t row, float* out_K) const {
    const float* sum = sum_RK_.data() + row * stride_;
    const float inverse = 1.0F / total_R_[static_cast<size_t>(row)];
    for (int64_t k = 0; k < head_dim_; ++k) out_K[k] = sum[k] * inverse;
  }

  // Adds the weights that the query gives to places [first, first + count) of a page, all of which
  // it saw; after it has met its last page.
  void add_weights(int64_t row, const float* keys_KP, int64_t first, int64_t count,
                   double* weights) const {
    const float* query_K = queries_RK_.data() + row * stride_;
    const auto r = static_cast<size_t>(row);
    for (int64_t place = first; place < first + count; ++place) {
      float score = 0;
      for (int64_t k = 0; k < head_dim_; ++k) score += query_K[k] * keys_KP[k * kPlaces + place];
      weights[place - first] += std::exp(double{score} - largest_R_[r]) / total_R_[r];
    }
  }

 private:
  PageQueries queries() {
    return {count_,
            queries_RK_.data(),
            visible_R_.data(),
            largest_R_.data(),
            total_R_.data(),
            sum_RK_.data(),
            stride_};
  }

  int64_t count_ = 0, head_dim_ = 0, stride_ = 0;
  std::vector<float> queries_RK_, sum_RK_, largest_R_, total_R_;
  std::vector<int64_t> visible_R_;
};

}  // namespace lmc::runtime
