#include "apps/inspect_model.h"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/tensor.h>

#include <cstring>

#include "apps/torch_model.h"
#include "model/lora.h"     // lora_pairs
#include "model/weights.h"  // stored_dtype

namespace lmc::apps {

namespace {

NamedTensor to_named(const std::string& name, const torch::Tensor& value) {
  const auto kept = value.detach().to(torch::kCPU).contiguous();
  NamedTensor tensor{{name, model::stored_dtype(kept.scalar_type()), kept.sizes().vec()}, {}};
  tensor.bytes.resize(kept.nbytes());
  std::memcpy(tensor.bytes.data(), kept.const_data_ptr(), kept.nbytes());
  return tensor;
}

// Mean cross-entropy of the reply's tokens, each predicted by the one before it.
torch::Tensor reply_loss(const torch::Tensor& logits_NV, const prompt::ModelInput& input) {
  std::vector<int64_t> places;
  std::vector<int64_t> targets;
  for (size_t i = 1; i < input.ids.size(); ++i) {
    if (input.is_target[i] == 0) continue;
    places.push_back(static_cast<int64_t>(i) - 1);
    targets.push_back(input.ids[i]);
  }
  if (places.empty()) {
    throw InputError("--dump loss", "there is no reply to learn",
                     "give --messages whose last message is the assistant's");
  }
  const auto device = logits_NV.device();
  return at::cross_entropy_loss(
      logits_NV.index_select(0, at::tensor(places, torch::kInt64).to(device)).to(torch::kFloat32),
      at::tensor(targets, torch::kInt64).to(device));
}

}  // namespace

std::vector<NamedTensor> inspect_model(const EngineOptions& options,
                                       const prompt::ModelInput& input,
                                       const std::set<std::string>& wanted) {
  EngineOptions exact = options;
  if (exact.dtype == tensorio::DtypeChoice::kAuto) exact.dtype = tensorio::DtypeChoice::kFloat32;
  const auto qwen = load_torch_model(exact);
  const bool with_gradients = wanted.contains("gradients");
  const auto pairs = model::lora_pairs(*qwen);
  if (with_gradients && pairs.empty()) {
    throw InputError("--dump gradients", "they are those of an adapter, and none is given",
                     "--adapter DIR");
  }
  const torch::AutoGradMode mode(with_gradients);
  if (with_gradients) {
    for (const auto& [path, pair] : pairs) {
      for (const auto& [name, tensor] : model::named_tensors(path, *pair)) {
        tensor.requires_grad_(true);
      }
    }
  }
  std::vector<NamedTensor> tensors;
  model::Tap tap;
  if (wanted.contains("stages")) {
    tap = [&](const std::string& name, const torch::Tensor& value) {
      tensors.push_back(to_named(name, value));
    };
  }
  const std::vector<prompt::ModelInput> rows = {input};
  const auto batch = model::Batch::from_inputs(rows, qwen->device());
  const auto logits_NV = qwen->logits(qwen->hidden_NH(batch, nullptr, tap));
  if (wanted.contains("logits")) tensors.push_back(to_named("logits", logits_NV.unsqueeze(0)));
  if (!wanted.contains("loss") && !with_gradients) return tensors;
  const auto loss = reply_loss(logits_NV, input);
  if (wanted.contains("loss")) tensors.push_back(to_named("loss", loss));
  if (with_gradients) {
    loss.backward();
    for (const auto& [path, pair] : pairs) {
      for (const auto& [name, tensor] : model::named_tensors(path, *pair)) {
        tensors.push_back(to_named("grad." + name, tensor.grad()));
      }
    }
  }
  return tensors;
}

}  // namespace lmc::apps
