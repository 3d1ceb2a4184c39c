// Products with a weight matrix, by the fastest library that libtorch carries.
//
// libtorch gives products of f32 on a CPU to MKL, which on processors of other makers than its own
// uses half of their vectors' width: on an AVX-512 one it reaches 100 GFLOP/s a core where oneDNN,
// which libtorch carries too, reaches 220. So those go to oneDNN, all others the usual way.
// Without a graph: for the forward and backward passes of autograd functions. Letters: N rows, I
// input width, O output width. Threads: any.
#pragma once

#include <torch/types.h>

namespace lmc::model {

// x W^T + b, [N, O]. `bias_O` undefined: none.
torch::Tensor times_transposed(const torch::Tensor& x_NI, const torch::Tensor& weight_OI,
                               const torch::Tensor& bias_O = {});

// y W, [N, I].
torch::Tensor times(const torch::Tensor& y_NO, const torch::Tensor& weight_OI);

}  // namespace lmc::model
