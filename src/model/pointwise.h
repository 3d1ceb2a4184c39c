// The pointwise steps between the matrices, each saving only its inputs for the backward pass.
//
// Mirrors: transformers, Qwen3VLTextRMSNorm and Qwen3VLTextMLP.
#pragma once

#include <torch/types.h>

namespace lmc::model {

// x / rms(x) over the last axis in f32, cast back, then times the weight in x's dtype.
torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& weight, double eps);

// silu(gate) * up.
torch::Tensor swiglu(const torch::Tensor& gate, const torch::Tensor& up);

}  // namespace lmc::model
