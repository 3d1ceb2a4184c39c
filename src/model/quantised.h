// A frozen weight matrix in 8 or 4 bits, dequantised for each use.
//
// int8: one scale a row, round(w / scale) in [-127, 127].
// nf4:  blocks of 64 along a row, each with its largest magnitude; a code names one of 16 places on
//       [-1, 1] that a normal distribution fills evenly. Two codes a byte, the first in the high
//       half.
// Letters: O output width, I input width.
// Source: Dettmers et al., "QLoRA", NeurIPS 2023, appendix E (the 16 places).
// Mirrors: bitsandbytes' block-wise NF4 without its second quantisation of the scales.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>

namespace lmc::model {

enum class QuantKind { kInt8, kNf4 };

class QuantisedMatrix {
 public:
  // `weight_OI` may be of any floating dtype.
  // Errors: InputError for nf4 when I is no multiple of 64.
  QuantisedMatrix(const torch::Tensor& weight_OI, QuantKind kind);

  // [O, I] in `dtype`. Values are computed in f32 and rounded once.
  torch::Tensor dequantise(torch::Dtype dtype) const;
  // The same into a tensor that is there, contiguous and on the codes' device.
  void dequantise_into(const torch::Tensor& out_OI) const;

  int64_t out_width() const { return codes_.size(0); }
  int64_t in_width() const { return in_width_; }
  int64_t num_bytes() const;

 private:
  QuantKind kind_;
  int64_t in_width_;
  torch::Tensor codes_;   // int8 [O, I], or uint8 [O, I / 2]
  torch::Tensor scales_;  // f32 [O, 1], or [O, I / 64]
};

}  // namespace lmc::model
