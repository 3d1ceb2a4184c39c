#include "model/linear.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include "base/check.h"   // LMC_CHECK
#include "base/random.h"  // Random
#include "model/gemm.h"   // gemm, gemm_transposed

namespace lmc::model {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Where a weight is dequantised or cast, or merged, for one matmul; the next one overwrites it.
// Kept, because the page faults of a fresh block of tens of megabytes cost as much as the product,
// and because such blocks between others leave the heap in pieces.
torch::Tensor scratch_OI(const Linear& layer, torch::TensorOptions options) {
  thread_local torch::Tensor scratch;
  const int64_t needed = layer.out_width() * layer.in_width();
  const bool fits = scratch.defined() && scratch.numel() >= needed &&
                    scratch.scalar_type() == c10::typeMetaToScalarType(options.dtype()) &&
                    scratch.device() == options.device();
  if (!fits) scratch = at::empty({needed}, options);
  return scratch.narrow(0, 0, needed).view({layer.out_width(), layer.in_width()});
}

// The weight in the dtype of `like`: the stored tensor itself where it has it, else in the scratch.
torch::Tensor weight_for(const Linear& layer, const torch::Tensor& like) {
  if (!layer.quantised && layer.weight_OI.scalar_type() == like.scalar_type()) {
    return layer.weight_OI;
  }
  const auto wide_OI =
      scratch_OI(layer, torch::TensorOptions().dtype(like.scalar_type()).device(like.device()));
  if (layer.quantised) {
    layer.quantised->dequantise_into(wide_OI);
  } else {
    wide_OI.copy_(layer.weight_OI);
  }
  return wide_OI;
}

// A layer as one call uses it: held by the graph, so that the backward pass finds what the forward
// pass had.
struct Call : torch::CustomClassHolder {
  const Linear* layer = nullptr;
  std::optional<DropoutContext> dropout;

  bool drops() const { return dropout && layer->lora->dropout > 0; }
};

// What dropout multiplies x by: 0, or 1 / (1 - p). The same on every call within a micro-batch.
// Drawn on the CPU whatever the device, so that a run means the same everywhere.
torch::Tensor dropout_factor(const Call& call, const torch::Tensor& x_NI) {
  const LoraPair& pair = *call.layer->lora;
  const double keep = 1 - pair.dropout;
  auto factor = at::empty(x_NI.sizes(), torch::kFloat32);
  const uint64_t of_pair = Random::named(call.dropout->seed, pair.name).next_bits();
  const uint64_t seed = Random::named(of_pair, "pass", call.dropout->pass).next_bits();
  factor.bernoulli_(keep, at::make_generator<at::CPUGeneratorImpl>(seed));
  return factor.div_(keep).to(x_NI.device(), x_NI.scalar_type());
}

torch::Tensor adapter_input(const Call& call, const torch::Tensor& x_NI) {
  return call.drops() ? x_NI * dropout_factor(call, x_NI) : x_NI;
}

// In f32 and without dropout, W x + s B(A x) = (W + s B A) x: one product instead of three. Making
// the sum pays where the rows are many. In narrower arithmetic it would lose the correction's bits.
bool merges_weight(const Call& call, const torch::Tensor& x_or_dy) {
  const int64_t in = call.layer->in_width(), out = call.layer->out_width();
  return x_or_dy.scalar_type() == torch::kFloat32 && !call.drops() &&
         x_or_dy.size(0) * (in + out) > in * out;
}

torch::Tensor merged_weight(const Linear& layer, const torch::Tensor& a_RI,
                            const torch::Tensor& b_OR) {
  auto merged_OI = scratch_OI(layer, b_OR.options().requires_grad(false));
  const auto weight_OI = weight_for(layer, b_OR);
  return at::addmm_out(merged_OI, weight_OI, b_OR, a_RI, 1, layer.lora->scale);
}

// DoRA adds the bias behind its scale.
torch::Tensor bias_within(const Linear& layer) {
  return layer.lora && layer.lora->magnitude_O.defined() ? torch::Tensor() : layer.bias_O;
}

// The layer with a frozen weight. inputs: x, and the pair's A and B where there is one.
struct FrozenLinear : torch::autograd::Function<FrozenLinear> {
  static torch::Tensor forward(AutogradContext* context, at::TensorList inputs,
                               const c10::intrusive_ptr<Call>& call) {
    const torch::Tensor& x_NI = inputs[0];
    const Linear& layer = *call->layer;
    context->saved_data["call"] = c10::IValue::make_capsule(call);
    if (inputs.size() > 1 && merges_weight(*call, x_NI)) {
      context->save_for_backward(inputs.vec());
      return gemm_transposed(x_NI, merged_weight(layer, inputs[1], inputs[2]), bias_within(layer));
    }
    auto y_NO = gemm_transposed(x_NI, weight_for(layer, x_NI), bias_within(layer));
    if (inputs.size() == 1) return y_NO;
    const auto dtype = x_NI.scalar_type();
    const auto down_NR = gemm_transposed(adapter_input(*call, x_NI), inputs[1].to(dtype));
    context->save_for_backward({x_NI, inputs[1], inputs[2], down_NR});
    return y_NO.addmm_(down_NR, inputs[2].to(dtype).t(), 1, layer.lora->scale);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto call =
        c10::static_intrusive_pointer_cast<Call>(context->saved_data["call"].toCapsule());
    const Linear& layer = *call->layer;
    const torch::Tensor& dy_NO = gradients[0];
    const bool wants_dx = context->needs_input_grad(0);
    const variable_list saved = context->get_saved_variables();
    if (saved.empty()) {
      return {wants_dx ? gemm(dy_NO, weight_for(layer, dy_NO)) : torch::Tensor(), {}};
    }
    const auto& x_NI = saved[0];
    const auto dtype = x_NI.scalar_type();
    const auto a_RI = saved[1].to(dtype), b_OR = saved[2].to(dtype);
    const LoraPair& pair = *layer.lora;
    const bool merged = merges_weight(*call, dy_NO);
    const auto input_NI = adapter_input(*call, x_NI);
    const auto down_NR = merged ? gemm_transposed(input_NI, a_RI) : saved[3];
    const auto ddown_NR = gemm(dy_NO, b_OR).mul_(pair.scale);
    const auto db_OR = dy_NO.t().mm(down_NR).to(torch::kFloat32).mul_(pair.scale);
    const auto da_RI = ddown_NR.t().mm(input_NI).to(torch::kFloat32);
    torch::Tensor dx_NI;
    if (wants_dx && merged) {
      dx_NI = gemm(dy_NO, merged_weight(layer, a_RI, b_OR));
    } else if (wants_dx) {
      dx_NI = gemm(dy_NO, weight_for(layer, dy_NO));
      if (call->drops()) {
        dx_NI.add_(gemm(ddown_NR, a_RI).mul_(dropout_factor(*call, x_NI)));
      } else {
        dx_NI.addmm_(ddown_NR, a_RI);
      }
    }
    return {dx_NI, da_RI, db_OR, {}};
  }
};

// The layer with a trained weight: products as those of a frozen one. inputs: x, W and, where there
// is one, b. The gradient of W goes to the usual library, as those of the pairs do: oneDNN would
// first copy dy the other way round.
struct TrainedLinear : torch::autograd::Function<TrainedLinear> {
  static torch::Tensor forward(AutogradContext* context, at::TensorList inputs) {
    const bool has_bias = inputs.size() > 2;
    context->saved_data["has_bias"] = has_bias;
    context->save_for_backward({inputs[0], inputs[1]});
    return gemm_transposed(inputs[0], inputs[1], has_bias ? inputs[2] : torch::Tensor());
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto &x_NI = saved[0], &weight_OI = saved[1], &dy_NO = gradients[0];
    variable_list made(2);
    if (context->needs_input_grad(0)) made[0] = gemm(dy_NO, weight_OI);
    if (context->needs_input_grad(1)) made[1] = dy_NO.t().mm(x_NI);
    if (context->saved_data["has_bias"].toBool()) {
      made.push_back(context->needs_input_grad(2) ? dy_NO.sum(0) : torch::Tensor());
    }
    return made;
  }
};

torch::Tensor dora_factor_O(const Linear& layer) {
  constexpr double kMinNorm = 1e-30;  // a row of zeros stays one
  return layer.lora->magnitude_O / layer.row_norms_O().clamp_min(kMinNorm);
}

}  // namespace

torch::Tensor Linear::forward(const torch::Tensor& x,
                              const std::optional<DropoutContext>& dropout) const {
  const auto x_NI = x.reshape({-1, x.size(-1)});
  auto shape = x.sizes().vec();
  shape.back() = out_width();
  if (!quantised && weight_OI.requires_grad()) {
    LMC_CHECK(!lora, "a weight is trained itself or corrected by LoRA, not both");
    variable_list inputs{x_NI, weight_OI};
    if (bias_O.defined()) inputs.push_back(bias_O);
    return TrainedLinear::apply(at::TensorList(inputs)).reshape(shape);
  }
  variable_list inputs{x_NI};
  if (lora) inputs.insert(inputs.end(), {lora->a_RI, lora->b_OR});
  auto call = c10::make_intrusive<Call>();
  call->layer = this;
  call->dropout = dropout;
  auto y_NO = FrozenLinear::apply(at::TensorList(inputs), std::move(call));
  if (lora && lora->magnitude_O.defined()) {
    y_NO = (y_NO.to(torch::kFloat32) * dora_factor_O(*this)).to(x.scalar_type());
    if (bias_O.defined()) y_NO = y_NO + bias_O;
  }
  return y_NO.reshape(shape);
}

void Linear::merge_lora() {
  const c10::NoGradGuard no_grad;
  auto folded_OI = merged_weight(*this, lora->a_RI.detach(), lora->b_OR.detach()).clone();
  if (lora->magnitude_O.defined()) {
    folded_OI.mul_(dora_factor_O(*this).unsqueeze(1));
  }
  weight_OI = folded_OI;
  lora.reset();
}

torch::Tensor Linear::row_norms_O() const {
  const c10::NoGradGuard no_grad;
  return merged_weight(*this, lora->a_RI.detach(), lora->b_OR.detach()).norm(2, 1);
}

}  // namespace lmc::model
