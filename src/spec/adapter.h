// A LoRA adapter's folder as peft and others write it: adapter_config.json and its tensors, each
// with the layer it corrects.
//
// What the tensors are called decides which layers are corrected: targets may be expressions of
// Python, be narrowed down, or name modules as they were called when the adapter was trained. Where
// the targets can be evaluated, no layer they select may lack its tensors.
// Mirrors: peft, utils/save_and_load.py.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/lora_config.h"      // LoraConfig
#include "spec/model_config.h"     // ModelConfig
#include "tensorio/safetensors.h"  // SafetensorsFile, TensorView

namespace lmc::spec {

struct AdapterLayer {
  std::string path;  // of the linear layer, as in linear_table
  int64_t rank = 0;
  double alpha = 0;
  double scale = 0;
  // F32, F16 or BF16, finite, of shapes [rank, in], [out, rank] and [out]. They live as long as the
  // adapter.
  const tensorio::TensorView* a = nullptr;
  const tensorio::TensorView* b = nullptr;
  const tensorio::TensorView* magnitude = nullptr;  // DoRA's; null: plain LoRA
};

class Adapter {
 public:
  // Errors: InputError naming file and tensor for what is no adapter of this model, is of a kind
  // that is not computed here, is incomplete, or holds NaN or infinity.
  Adapter(const std::string& folder, const ModelConfig& model);

  const std::string& folder() const { return folder_; }
  const LoraConfig& config() const { return config_; }
  const std::vector<AdapterLayer>& layers() const { return layers_; }  // by path

  // B is zero in every layer, and no magnitude is there: the base alone says the same.
  bool changes_nothing() const;

 private:
  void keep_patterns_exact();

  std::string folder_;
  LoraConfig config_;
  tensorio::SafetensorsFile file_;
  std::vector<AdapterLayer> layers_;
};

// What a tensor of an adapter is to which layer; nothing for other names. Known are peft's names
// ("base_model.model.<path>.lora_A.weight"), those with the adapter's name inside
// (".lora_A.default.weight"), without the prefix, with wrappers (tensor_table.h), and with older
// paths.
struct AdapterTensorName {
  enum class Role { kA, kB, kMagnitude };
  Role role = Role::kA;
  std::string path;         // as layers are called now
  std::string stored_path;  // as when the adapter was trained
  std::string adapter;      // "" when the name holds none
};
std::optional<AdapterTensorName> parse_adapter_tensor_name(const std::string& name);

}  // namespace lmc::spec
