// Streams padded with rows of zeros, so that matmuls meet few numbers of rows.
//
// oneDNN makes code for each shape it meets, which takes as long as a small model's product, and
// keeps it; so on a CPU alone. Rows of padding see no others and are seen by none.
#pragma once

#include <ATen/ops/constant_pad_nd.h>
#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace lmc::model {

// The next multiple of the step.
inline int64_t padded_count(int64_t rows) {
  constexpr int64_t kStep = 64;
  return (rows + kStep - 1) / kStep * kStep;
}

// How many rows a stream should have: as many as x or, on a CPU, some more.
inline int64_t padded_rows(const torch::Tensor& x) {
  return x.is_cpu() ? padded_count(x.size(0)) : x.size(0);
}

// The same for decoding, where the rows are often few: a multiple of 4 then, and at least 2,
// because a product of one row goes another way and rounds otherwise; a sequence alone would differ
// from the same one beside others.
inline int64_t padded_decode_rows(const torch::Tensor& x) {
  const int64_t rows = x.size(0);
  if (!x.is_cpu() || rows > 64) return padded_rows(x);
  return rows <= 2 ? 2 : (rows + 3) / 4 * 4;
}

// x or, where it has fewer rows, a copy with zeros behind them; differentiable.
inline torch::Tensor pad_rows(const torch::Tensor& x, int64_t rows) {
  const int64_t missing = rows - x.size(0);
  if (missing == 0) return x;
  std::vector<int64_t> padding(static_cast<size_t>(2 * x.dim()), 0);  // from the last axis on
  padding.back() = missing;
  return at::constant_pad_nd(x, padding);
}

}  // namespace lmc::model
