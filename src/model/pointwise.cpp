#include "model/pointwise.h"

#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/silu_backward.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lmc::model {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// 1 / rms of each row, in f32.
torch::Tensor inverse_rms(const torch::Tensor& x, double eps) {
  const auto norm = at::linalg_vector_norm(x, 2, {-1}, true, torch::kFloat32);
  return norm.square_().div_(static_cast<double>(x.size(-1))).add_(eps).rsqrt_();
}

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, double eps) {
    const auto inverse = inverse_rms(x, eps);
    context->save_for_backward({x, weight, inverse});
    return (x.to(torch::kFloat32) * inverse).to(x.scalar_type()).mul_(weight);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &inverse = saved[2];
    const auto normed = x.to(torch::kFloat32) * inverse;
    const auto dy = gradients[0].to(torch::kFloat32);
    torch::Tensor dx, dweight;
    if (context->needs_input_grad(1)) {
      dweight = (dy * normed).reshape({-1, x.size(-1)}).sum(0).to(weight.scalar_type());
    }
    if (context->needs_input_grad(0)) {
      auto wide = dy * weight;
      const auto along = (wide * normed).mean(-1, true);
      dx = wide.addcmul_(normed, along, -1).mul_(inverse).to(x.scalar_type());
    }
    return {dx, dweight, {}};
  }
};

struct SwiGlu : torch::autograd::Function<SwiGlu> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& gate,
                               const torch::Tensor& up) {
    context->save_for_backward({gate, up});
    return at::silu(gate).mul_(up);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto &gate = saved[0], &up = saved[1], &dy = gradients[0];
    return {at::silu_backward(dy * up, gate), at::silu(gate).mul_(dy)};
  }
};

}  // namespace

torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& weight, double eps) {
  return RmsNorm::apply(x, weight, eps);
}

torch::Tensor swiglu(const torch::Tensor& gate, const torch::Tensor& up) {
  return SwiGlu::apply(gate, up);
}

}  // namespace lmc::model
