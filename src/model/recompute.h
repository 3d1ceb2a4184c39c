// A part of the model that keeps its input alone and is recomputed in the backward pass.
//
// The second time gives the same bytes as the first: the same operations on the same values, and
// dropout masks follow from seeds (linear.h).
// Source: Chen et al., "Training deep nets with sublinear memory cost", 2016.
// Mirrors: torch.utils.checkpoint.
#pragma once

#include <torch/types.h>

#include <functional>
#include <initializer_list>
#include <vector>

#include "model/linear.h"  // Linear

namespace lmc::model {

using Block = std::function<torch::Tensor(const torch::Tensor& x)>;

// block(x). `trained` are the tensors inside that take gradients; what the block captures must live
// until the backward pass. Without anything to differentiate, the plain call.
torch::Tensor recomputed(Block block, const torch::Tensor& x, std::vector<torch::Tensor> trained);

// Those tensors of these layers and vectors that take gradients.
std::vector<torch::Tensor> trained_among(std::initializer_list<const Linear*> linears,
                                         std::initializer_list<const torch::Tensor*> vectors);

}  // namespace lmc::model
