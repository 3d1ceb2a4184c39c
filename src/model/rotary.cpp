#include "model/rotary.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/tensor.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace lmc::model {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kVisionTheta = 10000;  // fixed in the reference

// theta^(-2i/width) for i = 0 .. width/2 - 1
torch::Tensor inverse_frequencies(double theta, int64_t width, torch::Device device) {
  const auto exponents =
      at::arange(0, width, 2, torch::TensorOptions(torch::kFloat32).device(device)) /
      static_cast<double>(width);
  return 1.0 / at::pow(theta, exponents);
}

RotaryTable table_of(const torch::Tensor& angles_NJ, torch::Dtype dtype) {
  const auto whole = at::cat({angles_NJ, angles_NJ}, -1);
  return {whole.cos().to(dtype), whole.sin().to(dtype)};
}

// x turned by the table's angles, or back: value i of the first half against value i of the second.
torch::Tensor turned(const torch::Tensor& x_NHK, const torch::Tensor& cos_NK,
                     const torch::Tensor& sin_NK, double direction) {
  const int64_t half = x_NHK.size(-1) / 2;
  const auto x = x_NHK.to(cos_NK.scalar_type());
  const auto first = [half](const torch::Tensor& y) { return y.narrow(-1, 0, half); };
  const auto second = [half](const torch::Tensor& y) { return y.narrow(-1, half, half); };
  const auto cos = cos_NK.unsqueeze(1), sin = sin_NK.unsqueeze(1);
  const auto out = x * cos;
  first(out).addcmul_(second(x), first(sin), -direction);
  second(out).addcmul_(first(x), second(sin), direction);
  return out.to(x_NHK.scalar_type());
}

// The backward pass turns the gradient back and needs nothing but the angles.
struct Rotate : torch::autograd::Function<Rotate> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x_NHK,
                               const torch::Tensor& cos_NK, const torch::Tensor& sin_NK) {
    context->save_for_backward({cos_NK, sin_NK});
    return turned(x_NHK, cos_NK, sin_NK, 1);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    return {turned(gradients[0], saved[0], saved[1], -1), {}, {}};
  }
};

}  // namespace

RotaryTable vision_rotary(const spec::VisionConfig& config,
                          const std::vector<std::pair<int64_t, int64_t>>& grids,
                          torch::Device device) {
  const int64_t merge = config.spatial_merge_size;
  const auto inverse = inverse_frequencies(kVisionTheta, config.head_dim() / 2, device);
  const auto options = torch::TensorOptions(torch::kInt64).device(device);
  std::vector<torch::Tensor> angles;
  for (const auto& [down, across] : grids) {
    const auto in_merge_order = [&](const torch::Tensor& axis_hw) {
      return axis_hw.reshape({down / merge, merge, across / merge, merge})
          .permute({0, 2, 1, 3})
          .reshape({-1});
    };
    const auto rows = at::arange(down, options).unsqueeze(1).expand({down, across});
    const auto columns = at::arange(across, options).unsqueeze(0).expand({down, across});
    const auto row_angles = in_merge_order(rows).unsqueeze(1) * inverse;
    const auto column_angles = in_merge_order(columns).unsqueeze(1) * inverse;
    angles.push_back(at::cat({row_angles, column_angles}, -1));
  }
  return table_of(at::cat(angles), torch::kFloat32);
}

RotaryTable text_rotary(const spec::TextConfig& config, const torch::Tensor& positions_3N,
                        torch::Dtype dtype) {
  const auto inverse =
      inverse_frequencies(config.rope_theta, config.head_dim, positions_3N.device());
  // axis[i]: which of the three positions frequency i turns with.
  std::vector<int64_t> axis(static_cast<size_t>(config.head_dim / 2), 0);
  for (size_t a = 1; a < 3; ++a) {
    const auto end = static_cast<size_t>(config.mrope_section[a] * 3);
    for (size_t i = a; i < std::min(end, axis.size()); i += 3) axis[i] = static_cast<int64_t>(a);
  }
  const auto axis_J = at::tensor(axis, torch::kInt64).to(positions_3N.device());
  const auto positions_JN = positions_3N.to(torch::kFloat32).index_select(0, axis_J);
  return table_of(positions_JN.t() * inverse, dtype);
}

torch::Tensor rotate(const torch::Tensor& x_NHK, const RotaryTable& table) {
  return Rotate::apply(x_NHK, table.cos_NK, table.sin_NK);
}

}  // namespace lmc::model
