// Streams filled up with rows of zeros, so that products meet few numbers of rows.
//
// oneDNN makes code for each shape it meets, which takes as long as a small model's product, and
// keeps it. Rows that are filled in see no others and are seen by none.
#pragma once

#include <ATen/ops/constant_pad_nd.h>
#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace lmc::model {

inline constexpr int64_t kRowStep = 64;

// `rows` or the next multiple of the step.
inline int64_t filled_rows(int64_t rows) { return (rows + kRowStep - 1) / kRowStep * kRowStep; }

// x or, where it has fewer rows, a copy with zeros behind them; differentiable.
inline torch::Tensor filled_up(const torch::Tensor& x, int64_t rows) {
  const int64_t missing = rows - x.size(0);
  if (missing == 0) return x;
  std::vector<int64_t> padding(static_cast<size_t>(2 * x.dim()), 0);  // from the last axis on
  padding.back() = missing;
  return at::constant_pad_nd(x, padding);
}

}  // namespace lmc::model
