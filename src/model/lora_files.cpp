// adapter_config.json and adapter_model.safetensors, as peft writes and reads them.
#include <set>

#include "base/check.h"  // InputError
#include "base/files.h"  // write_file
#include "base/json.h"   // Json
#include "model/lora.h"
#include "model/weights.h"         // to_torch, stored_dtype
#include "tensorio/safetensors.h"  // SafetensorsFile, SafetensorsWriter

namespace lmc::model {

namespace {

const std::string kPrefix = "base_model.model.";

Json to_json(const LoraConfig& config) {
  Json targets = config.target_modules;
  if (config.target_is_regex || config.target_modules == std::vector<std::string>{"all-linear"}) {
    targets = config.target_modules.at(0);
  }
  return {{"peft_type", "LORA"},
          {"task_type", "CAUSAL_LM"},
          {"auto_mapping", nullptr},
          {"base_model_name_or_path", config.base_model},
          {"revision", nullptr},
          {"inference_mode", true},
          {"r", config.rank},
          {"lora_alpha", config.alpha},
          {"lora_dropout", config.dropout},
          {"target_modules", targets},
          {"exclude_modules", nullptr},
          {"bias", "none"},
          {"fan_in_fan_out", false},
          {"use_rslora", config.use_rslora},
          {"use_dora", false},
          {"init_lora_weights", true},
          {"modules_to_save", nullptr},
          {"layers_to_transform", nullptr},
          {"layers_pattern", nullptr},
          {"rank_pattern", config.rank_pattern},
          {"alpha_pattern", config.alpha_pattern}};
}

// What would change the arithmetic and is not computed here is refused, never ignored.
void refuse_other_kinds(const Json& json, const std::string& where) {
  const auto refuse = [&](const char* key, const Json& found) {
    throw InputError(where, cat("\"", key, "\": ", to_text(found), " is not supported"),
                     "merge the adapter with peft and load the merged folder");
  };
  if (json_get<std::string>(json, "peft_type", where) != "LORA") {
    refuse("peft_type", json["peft_type"]);
  }
  for (const char* key : {"use_dora", "lora_bias", "fan_in_fan_out"}) {
    if (json_get_or<bool>(json, key, where, false)) refuse(key, true);
  }
  for (const char* key : {"modules_to_save", "layers_to_transform", "layer_replication",
                          "target_parameters", "trainable_token_indices", "exclude_modules"}) {
    if (json.contains(key) && !json[key].is_null() && !json[key].empty()) refuse(key, json[key]);
  }
  if (json_get_or<std::string>(json, "bias", where, "none") != "none") refuse("bias", json["bias"]);
  // These change the base weights when training starts, so the adapter alone is not the model.
  if (json.contains("init_lora_weights") && json["init_lora_weights"].is_string() &&
      json["init_lora_weights"] != "gaussian") {
    refuse("init_lora_weights", json["init_lora_weights"]);
  }
}

template <class Value>
std::map<std::string, Value> read_patterns(const Json& json, const char* key,
                                           const std::string& where) {
  std::map<std::string, Value> patterns;
  if (!json.contains(key) || json[key].is_null()) return patterns;
  for (const auto& [name, value] : json[key].items()) {
    patterns[name] = json_as<Value>(value, where, key);
  }
  return patterns;
}

LoraConfig read_config(const std::string& where) {
  const Json json = read_json(where);
  refuse_other_kinds(json, where);
  LoraConfig config;
  config.rank = json_get<int64_t>(json, "r", where);
  if (config.rank < 1)
    throw InputError(where, cat("\"r\": expected 1 or more, found ", config.rank));
  config.alpha = json_get<double>(json, "lora_alpha", where);
  config.dropout = json_get_or<double>(json, "lora_dropout", where, 0.0);
  config.use_rslora = json_get_or<bool>(json, "use_rslora", where, false);
  config.base_model = json_get_or<std::string>(json, "base_model_name_or_path", where, "");
  config.rank_pattern = read_patterns<int64_t>(json, "rank_pattern", where);
  config.alpha_pattern = read_patterns<double>(json, "alpha_pattern", where);
  if (!json.contains("target_modules")) throw InputError(where, "\"target_modules\" is missing");
  const Json& targets = json["target_modules"];
  if (targets.is_string()) {
    config.target_modules = {targets.get<std::string>()};
    config.target_is_regex = config.target_modules[0] != "all-linear";
  } else {
    config.target_modules = json_as<std::vector<std::string>>(targets, where, "target_modules");
  }
  return config;
}

torch::Tensor read_pair_tensor(const tensorio::SafetensorsFile& file, const std::string& name,
                               const std::vector<int64_t>& shape, torch::Device device) {
  const std::string where = cat(file.path(), ": tensor ", name);
  const auto found = file.tensors().find(name);
  if (found == file.tensors().end()) throw InputError(where, "missing");
  if (found->second.info.shape != shape) {
    throw InputError(where, cat("expected shape [", shape[0], ", ", shape[1], "], found another"),
                     "the adapter belongs to another base model or rank");
  }
  // A copy: the file is unmapped again, and training writes to it.
  return to_torch(found->second, where, {torch::kFloat32, torch::kCPU}).clone().to(device);
}

}  // namespace

std::string lora_a_name(const std::string& path) { return kPrefix + path + ".lora_A.weight"; }
std::string lora_b_name(const std::string& path) { return kPrefix + path + ".lora_B.weight"; }

void save_adapter(Qwen3Vl& model, const LoraConfig& config, const std::string& folder) {
  std::vector<tensorio::TensorInfo> infos;
  std::vector<torch::Tensor> values;
  for (const auto& [path, pair] : lora_pairs(model)) {
    const auto add = [&](const std::string& name, const torch::Tensor& tensor) {
      infos.push_back({name, tensorio::Dtype::kF32, tensor.sizes().vec()});
      values.push_back(tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous());
    };
    add(lora_a_name(path), pair->a_RI);
    add(lora_b_name(path), pair->b_OR);
  }
  make_folder(folder);
  tensorio::SafetensorsWriter writer(folder + "/adapter_model.safetensors", infos,
                                     {{"format", "pt"}});
  for (const torch::Tensor& value : values) {
    writer.write({static_cast<const std::byte*>(value.const_data_ptr()), value.nbytes()});
  }
  writer.finish();
  // Written last: a folder with a configuration is a complete adapter.
  write_file(folder + "/adapter_config.json", to_pretty_text(to_json(config)));
}

LoraConfig load_adapter(Qwen3Vl& model, const std::string& folder) {
  const LoraConfig config = read_config(folder + "/adapter_config.json");
  const tensorio::SafetensorsFile file(folder + "/adapter_model.safetensors");
  std::set<std::string> unused;
  for (const auto& [name, view] : file.tensors()) unused.insert(name);
  for (const std::string& path : lora_targets(config, model.config())) {
    Linear& linear = *model.linears().at(path);
    const int64_t rank = lora_rank(config, path);
    auto pair = std::make_shared<LoraPair>();
    pair->a_RI =
        read_pair_tensor(file, lora_a_name(path), {rank, linear.in_width()}, model.device());
    pair->b_OR =
        read_pair_tensor(file, lora_b_name(path), {linear.out_width(), rank}, model.device());
    pair->scale = lora_scale(config, path);
    pair->dropout = config.dropout;
    linear.lora = std::move(pair);
    unused.erase(lora_a_name(path));
    unused.erase(lora_b_name(path));
  }
  if (!unused.empty()) {
    throw InputError(file.path(), cat("tensor ", *unused.begin(), " and ", unused.size() - 1,
                                      " more belong to no target of adapter_config.json"));
  }
  return config;
}

}  // namespace lmc::model
