// adapter_config.json and adapter_model.safetensors, as peft writes and reads them.
#include <set>

#include "base/check.h"  // InputError
#include "base/files.h"  // write_file
#include "model/lora.h"
#include "model/weights.h"         // to_torch, stored_dtype
#include "tensorio/safetensors.h"  // SafetensorsFile, SafetensorsWriter
#include "tensorio/shape_text.h"   // shape_text

namespace lmc::model {

namespace {

torch::Tensor read_pair_tensor(const tensorio::SafetensorsFile& file, const std::string& name,
                               const std::vector<int64_t>& shape, torch::Device device) {
  const std::string where = cat(file.path(), ": tensor ", name);
  const auto found = file.tensors().find(name);
  if (found == file.tensors().end()) throw InputError(where, "missing");
  if (found->second.info.shape != shape) {
    throw InputError(where, cat("expected shape ", tensorio::shape_text(shape), ", found another"),
                     "the adapter belongs to another base model or rank");
  }
  // A copy: the file is unmapped again, and training writes to it.
  return to_torch(found->second, where, {torch::kFloat32, torch::kCPU}).clone().to(device);
}

}  // namespace

void save_adapter(Qwen3Vl& model, const spec::LoraConfig& config, const std::string& folder) {
  std::vector<tensorio::TensorInfo> infos;
  std::vector<torch::Tensor> values;
  for (const auto& [path, pair] : lora_pairs(model)) {
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
  write_file(folder + "/adapter_config.json", to_pretty_text(spec::to_json(config)));
}

spec::LoraConfig load_adapter(Qwen3Vl& model, const std::string& folder) {
  const spec::LoraConfig config = spec::read_lora_config(folder + "/adapter_config.json");
  const tensorio::SafetensorsFile file(folder + "/adapter_model.safetensors");
  std::set<std::string> unused;
  for (const auto& [name, view] : file.tensors()) unused.insert(name);
  for (const std::string& path : spec::lora_targets(config, model.config())) {
    Linear& linear = *model.linears().at(path);
    const int64_t rank = spec::lora_rank(config, path);
    const auto take = [&](const std::string& name, const std::vector<int64_t>& shape) {
      unused.erase(name);
      return read_pair_tensor(file, name, shape, model.device());
    };
    auto pair = std::make_shared<LoraPair>();
    pair->a_RI = take(spec::lora_a_name(path), {rank, linear.in_width()});
    pair->b_OR = take(spec::lora_b_name(path), {linear.out_width(), rank});
    if (config.use_dora) {
      pair->magnitude_O = take(spec::lora_magnitude_name(path), {linear.out_width()});
    }
    pair->scale = spec::lora_scale(config, path);
    pair->dropout = config.dropout;
    linear.lora = std::move(pair);
  }
  if (!unused.empty()) {
    throw InputError(file.path(), cat("tensor ", *unused.begin(), " and ", unused.size() - 1,
                                      " more belong to no target of adapter_config.json"));
  }
  return config;
}

}  // namespace lmc::model
