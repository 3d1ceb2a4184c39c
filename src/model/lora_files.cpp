// adapter_config.json and adapter_model.safetensors, as peft writes and reads them.
#include "base/files.h"  // write_file
#include "model/lora.h"
#include "model/weights.h"         // to_torch, stored_dtype
#include "spec/lora_targets.h"     // with_exact_targets
#include "tensorio/safetensors.h"  // SafetensorsWriter

namespace lmc::model {

void save_adapter(Qwen3Vl& model, const spec::LoraConfig& config, const std::string& folder) {
  std::vector<tensorio::TensorInfo> infos;
  std::vector<torch::Tensor> values;
  std::vector<std::string> paths;
  for (const auto& [path, pair] : lora_pairs(model)) {
    paths.push_back(path);
    for (const auto& [name, tensor] : named_tensors(path, *pair)) {
      infos.push_back({name, tensorio::Dtype::kF32, tensor.sizes().vec()});
      values.push_back(tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous());
    }
  }
  make_folder(folder);
  tensorio::SafetensorsWriter writer(folder + "/adapter_model.safetensors", infos,
                                     {{"format", "pt"}});
  for (const torch::Tensor& value : values) {
    writer.write({static_cast<const std::byte*>(value.const_data_ptr()), value.nbytes()});
  }
  writer.finish();
  // Written last: a folder with a configuration is a complete adapter.
  const spec::LoraConfig exact = spec::with_exact_targets(config, paths, model.config());
  write_file(folder + "/adapter_config.json", to_pretty_text(spec::to_json(exact)));
}

void attach_adapter(Qwen3Vl& model, const spec::Adapter& adapter) {
  for (const spec::AdapterLayer& layer : adapter.layers()) {
    const auto take = [&](const tensorio::TensorView& view) {
      // A copy: the file is unmapped again, and training writes to it.
      return to_torch(view, view.info.name, {torch::kFloat32, torch::kCPU})
          .clone()
          .to(model.device());
    };
    auto pair = std::make_shared<LoraPair>();
    pair->name = layer.path;
    pair->a_RI = take(*layer.a);
    pair->b_OR = take(*layer.b);
    if (layer.magnitude) pair->magnitude_O = take(*layer.magnitude);
    pair->scale = layer.scale;
    pair->dropout = adapter.config().dropout;
    model.linears().at(layer.path)->lora = std::move(pair);
  }
}

spec::LoraConfig load_adapter(Qwen3Vl& model, const std::string& folder) {
  const spec::Adapter adapter(folder, model.config());
  attach_adapter(model, adapter);
  return adapter.config();
}

}  // namespace lmc::model
