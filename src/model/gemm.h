// Matrix products (matmul, GEMM) with a weight matrix, by the fastest library that libtorch
// carries.
//
// libtorch gives products of f32 on a CPU to MKL, which on processors of other makers than its own
// uses half of their vectors' width: on an AVX-512 one it reaches 100 GFLOP/s a core where oneDNN,
// which libtorch carries too, reaches 220. So those go to oneDNN, all others the usual way.
// Without a graph: for the forward and backward passes of autograd functions.
// Letters: N rows, I input width, O output width.
// Threads: any.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace lmc::model {

// oneDNN makes code for each shape of a product that it meets, in 0.2 to 2 ms, and keeps the last
// ones: 1024 for all threads by itself and, in libtorch's own list, 1024 more for each thread. They
// take about half a megabyte each, which was more than all else that a small model needs. From now
// on it keeps kMaxCachedMatmuls, and a thread only the last one. Called by process_settings.h
// before the first product; the user's own settings of the environment stay.
void limit_matmul_cache();

inline constexpr int64_t kMaxCachedMatmuls = 128;

// What each kept product takes of main memory on this processor in this dtype, found by making
// some; 0 where products go to a library that keeps nothing.
int64_t bytes_per_cached_matmul(torch::Dtype dtype);

// x W^T + b, [N, O]. `bias_O` undefined: none.
torch::Tensor gemm_transposed(const torch::Tensor& x_NI, const torch::Tensor& weight_OI,
                              const torch::Tensor& bias_O = {});

// y W, [N, I].
torch::Tensor gemm(const torch::Tensor& y_NO, const torch::Tensor& weight_OI);

}  // namespace lmc::model
