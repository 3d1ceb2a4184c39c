#include "apps/torch_model.h"

#include <ATen/Context.h>
#include <ATen/ops/empty.h>

#include <exception>
#include <iostream>
#include <optional>

#include "model/lora.h"              // attach_adapter, fold_adapter
#include "model/process_settings.h"  // apply
#include "model/torch_engine.h"      // TorchEngine
#include "model/weights.h"           // torch_dtype
#include "spec/model_folder.h"       // check_model_folder
#include "tensorio/safetensors.h"    // Checkpoint

namespace lmc::apps {

namespace {

// Below this size on a CPU, f32 arithmetic is both faster and exact enough to cost nothing.
constexpr int64_t kSmallModelBytes = int64_t{1} << 30;

torch::Device choose_device(const std::string& name) {
  if (name == "auto") return at::hasCUDA() ? torch::Device("cuda:0") : torch::Device("cpu");
  constexpr char kKnown[] = "cpu, cuda or cuda:0";
  std::optional<torch::Device> device;
  try {
    device.emplace(name);
  } catch (const c10::Error&) {
  }
  if (!device || device->is_meta()) {
    throw InputError("--device", cat("unknown device \"", name, "\""), kKnown);
  }
  if (device->is_cuda() && !at::hasCUDA()) {
    throw InputError("--device " + name, "no CUDA device is usable", "use --device cpu");
  }
  try {
    static_cast<void>(at::empty({1}, torch::TensorOptions(*device)));
  } catch (const std::exception&) {  // of a kind, or a number, that this libtorch has not
    throw InputError("--device " + name, "is not usable here", kKnown);
  }
  return *device;
}

torch::Dtype choose_dtype(const EngineOptions& options, torch::Device device) {
  if (const auto named = tensorio::chosen_dtype(options.dtype)) {
    return model::torch_dtype(*named, "--dtype");
  }
  int64_t bytes = 0;
  bool all_f32 = true;
  const tensorio::Checkpoint checkpoint(options.model);
  for (const auto& [name, view] : checkpoint.tensors()) {
    bytes += view.info.num_bytes();
    all_f32 = all_f32 && view.info.dtype == tensorio::Dtype::kF32;
  }
  if (all_f32 || (device.is_cpu() && bytes < kSmallModelBytes)) return torch::kFloat32;
  return torch::kBFloat16;
}

model::Storage choose_storage(const EngineOptions& options) {
  switch (options.storage) {
    case StorageChoice::kAuto:
    case StorageChoice::kComputeDtype:
      break;
    case StorageChoice::kCheckpoint:
      return model::Storage::kCheckpoint;
    case StorageChoice::kInt8:
      return model::Storage::kInt8;
    case StorageChoice::kNf4:
      return model::Storage::kNf4;
  }
  return model::Storage::kComputeDtype;
}

}  // namespace

std::unique_ptr<model::Qwen3Vl> load_torch_model(const EngineOptions& options) {
  model::apply({.threads = static_cast<int>(options.threads)});
  const torch::Device device = choose_device(options.device);
  spec::check_model_folder(options.model);
  auto model = model::Qwen3Vl::load(
      options.model, {choose_dtype(options, device), device, choose_storage(options)});
  if (!options.adapter.empty()) {
    const spec::Adapter adapter(options.adapter, model->config());
    model::attach_adapter(*model, adapter);
    if (adapter.changes_nothing()) {
      std::cerr << "note: the adapter " << options.adapter
                << " changes nothing: B is zero in every layer, as before any training\n";
    }
  }
  return model;
}

std::unique_ptr<infer::Engine> load_torch_engine(const EngineOptions& options) {
  auto model = load_torch_model(options);
  model::fold_adapter(*model);
  return std::make_unique<model::TorchEngine>(std::move(model));
}

}  // namespace lmc::apps
