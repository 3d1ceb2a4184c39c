#include "model/quantised.h"

#include <ATen/Parallel.h>
#include <ATen/ops/bucketize.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <array>

#include "base/check.h"  // InputError

namespace lmc::model {

namespace {

constexpr int64_t kBlock = 64;

constexpr std::array<float, 16> kPlaces = {
    -1.0F,          -0.6961928010F, -0.5250730515F, -0.3949174881F,
    -0.2844413817F, -0.1847734302F, -0.0910500363F, 0.0F,
    0.0795802996F,  0.1609302014F,  0.2461123019F,  0.3379152417F,
    0.4407098293F,  0.5626170039F,  0.7229568362F,  1.0F};

// Index of the nearest place of each value in [-1, 1].
torch::Tensor nearest_place(const torch::Tensor& values) {
  std::array<float, 15> middles{};
  for (size_t i = 0; i < middles.size(); ++i) middles[i] = (kPlaces[i] + kPlaces[i + 1]) / 2;
  const auto bounds = at::tensor(at::ArrayRef<float>(middles)).to(values.device());
  return at::bucketize(values, bounds).to(torch::kUInt8);
}

// Both codes of a byte at once: a row of this table holds their two values.
using PairTable = std::array<std::array<float, 2>, 256>;

const PairTable& pair_table() {
  static const PairTable table = [] {
    PairTable made{};
    for (size_t byte = 0; byte < made.size(); ++byte) {
      made[byte] = {kPlaces[byte >> 4], kPlaces[byte & 15]};
    }
    return made;
  }();
  return table;
}

// The loops in one place for f32 and bf16; both run at about the speed of memory.
template <class Value>
void dequantise_int8(const int8_t* codes, const float* scales, int64_t rows, int64_t width,
                     Value* out) {
  at::parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float scale = scales[row];
      const int8_t* from = codes + row * width;
      Value* to = out + row * width;
      for (int64_t i = 0; i < width; ++i) to[i] = static_cast<Value>(from[i] * scale);
    }
  });
}

template <class Value>
void dequantise_nf4(const uint8_t* codes, const float* scales, int64_t rows, int64_t width,
                    Value* out) {
  const PairTable& table = pair_table();
  at::parallel_for(0, rows * width / kBlock, 64, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const float scale = scales[block];
      const uint8_t* from = codes + block * kBlock / 2;
      Value* to = out + block * kBlock;
      for (int64_t i = 0; i < kBlock / 2; ++i) {
        const auto& pair = table[from[i]];
        to[2 * i] = static_cast<Value>(pair[0] * scale);
        to[2 * i + 1] = static_cast<Value>(pair[1] * scale);
      }
    }
  });
}

}  // namespace

QuantisedMatrix::QuantisedMatrix(const torch::Tensor& weight_OI, QuantKind kind)
    : kind_(kind), in_width_(weight_OI.size(1)) {
  const auto wide = weight_OI.detach().to(torch::kFloat32);
  if (kind == QuantKind::kInt8) {
    scales_ = (wide.abs().amax(1, true) / 127).clamp_min(1e-30);
    codes_ = (wide / scales_).round().to(torch::kInt8);
    return;
  }
  if (in_width_ % kBlock != 0) {
    throw InputError(
        "nf4",
        cat("expected matrices whose input width is a multiple of ", kBlock, ", found ", in_width_),
        "store this model's frozen weights as int8");
  }
  const int64_t rows = wide.size(0);
  const auto blocks = wide.reshape({rows, in_width_ / kBlock, kBlock});
  scales_ = blocks.abs().amax(2);
  const auto places =
      nearest_place(blocks / scales_.clamp_min(1e-30).unsqueeze(2)).reshape({rows, -1, 2});
  codes_ = places.select(2, 0) * 16 + places.select(2, 1);
}

torch::Tensor QuantisedMatrix::dequantise(torch::Dtype dtype) const {
  const auto out_OI = at::empty({out_width(), in_width_}, codes_.options().dtype(dtype));
  dequantise_into(out_OI);
  return out_OI;
}

void QuantisedMatrix::dequantise_into(const torch::Tensor& out_OI) const {
  const int64_t rows = out_width();
  const torch::Dtype dtype = out_OI.scalar_type();
  if (codes_.is_cpu() && (dtype == torch::kFloat32 || dtype == torch::kBFloat16)) {
    const auto fill = [&]<class Value>(Value* to) {
      const float* scales = scales_.const_data_ptr<float>();
      if (kind_ == QuantKind::kInt8) {
        dequantise_int8(codes_.const_data_ptr<int8_t>(), scales, rows, in_width_, to);
      } else {
        dequantise_nf4(codes_.const_data_ptr<uint8_t>(), scales, rows, in_width_, to);
      }
    };
    if (dtype == torch::kFloat32) {
      fill(out_OI.data_ptr<float>());
    } else {
      fill(out_OI.data_ptr<at::BFloat16>());
    }
    return;
  }
  if (kind_ == QuantKind::kInt8) {
    out_OI.copy_(codes_.to(torch::kFloat32) * scales_);
    return;
  }
  const auto places = at::tensor(at::ArrayRef<float>(kPlaces)).to(codes_.device());
  const auto index = at::stack({codes_.bitwise_right_shift(4), codes_.bitwise_and(15)}, 2);
  const auto values = places.index_select(0, index.reshape({-1}).to(torch::kInt64));
  out_OI.copy_(
      (values.reshape({rows, -1, kBlock}) * scales_.unsqueeze(2)).reshape({rows, in_width_}));
}

int64_t QuantisedMatrix::num_bytes() const {
  return static_cast<int64_t>(codes_.nbytes() + scales_.nbytes());
}

}  // namespace lmc::model
