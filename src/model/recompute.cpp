#include "model/recompute.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

namespace lmc::model {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct BlockHolder : torch::CustomClassHolder {
  Block block;
};

struct Recomputed : torch::autograd::Function<Recomputed> {
  // inputs: x, then the trained tensors.
  static torch::Tensor forward(AutogradContext* context, Block block, at::TensorList inputs) {
    auto holder = c10::make_intrusive<BlockHolder>();
    holder->block = std::move(block);
    context->save_for_backward(inputs.vec());
    auto y = holder->block(inputs[0]);
    context->saved_data["block"] = c10::IValue::make_capsule(std::move(holder));
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto holder =
        c10::static_intrusive_pointer_cast<BlockHolder>(context->saved_data["block"].toCapsule());
    variable_list inputs = context->get_saved_variables();
    const bool wants_dx = context->needs_input_grad(0);
    inputs[0] = inputs[0].detach().requires_grad_(wants_dx);
    variable_list made;
    {
      const torch::AutoGradMode with_graph(true);
      const auto y = holder->block(inputs[0]);
      const variable_list wanted(inputs.begin() + (wants_dx ? 0 : 1), inputs.end());
      made = torch::autograd::grad({y}, wanted, gradients, false, false, true);
    }
    variable_list all{torch::Tensor()};  // the block's own place among the arguments
    if (!wants_dx) all.emplace_back();
    all.insert(all.end(), made.begin(), made.end());
    return all;
  }
};

}  // namespace

torch::Tensor recomputed(Block block, const torch::Tensor& x, std::vector<torch::Tensor> trained) {
  if (!c10::GradMode::is_enabled() || (trained.empty() && !x.requires_grad())) return block(x);
  trained.insert(trained.begin(), x);
  return Recomputed::apply(std::move(block), at::TensorList(trained));
}

std::vector<torch::Tensor> trained_among(std::initializer_list<const Linear*> linears,
                                         std::initializer_list<const torch::Tensor*> vectors) {
  std::vector<torch::Tensor> trained;
  const auto add = [&](const torch::Tensor& tensor) {
    if (tensor.defined() && tensor.requires_grad()) trained.push_back(tensor);
  };
  for (const Linear* linear : linears) {
    add(linear->weight_OI);
    add(linear->bias_O);
    if (linear->lora) {
      add(linear->lora->a_RI);
      add(linear->lora->b_OR);
      add(linear->lora->magnitude_O);
    }
  }
  for (const torch::Tensor* vector : vectors) add(*vector);
  return trained;
}

}  // namespace lmc::model
