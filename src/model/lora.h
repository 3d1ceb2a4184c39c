// The LoRA pairs of a model: made anew, written and read as peft does. The arithmetic is in
// linear.h, the configuration in spec/lora_config.h.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/qwen3_vl.h"    // Qwen3Vl
#include "spec/adapter.h"      // Adapter
#include "spec/lora_config.h"  // LoraConfig

namespace lmc::model {

// Attaches fresh pairs: A kaiming-uniform from the named random stream, B zero; DoRA's magnitudes
// are the norms of the base's rows.
void attach_lora(Qwen3Vl& model, const spec::LoraConfig& config, uint64_t seed);

// adapter_model.safetensors, then adapter_config.json: a folder with the latter is complete. Its
// targets are such that peft selects the layers that are corrected here and no others.
void save_adapter(Qwen3Vl& model, const spec::LoraConfig& config, const std::string& folder);

// Attaches a stored adapter's pairs, as copies; the adapter is not needed any more then.
void attach_adapter(Qwen3Vl& model, const spec::Adapter& adapter);

// The same by its folder; returns its configuration.
// Errors: as spec::Adapter.
spec::LoraConfig load_adapter(Qwen3Vl& model, const std::string& folder);

// Adds every pair to its weight and takes it off, for inference: one product a layer instead of
// three. Only where nothing is lost by it, that is in f32 with weights that lie as the arithmetic
// takes them; else does nothing. DoRA's magnitudes are taken in.
void fold_adapter(Qwen3Vl& model);

// A pair's tensors by the names peft saves them under.
std::vector<std::pair<std::string, torch::Tensor>> named_tensors(const std::string& path,
                                                                 const LoraPair& pair);

// The pairs in place, by module path.
std::map<std::string, LoraPair*> lora_pairs(Qwen3Vl& model);

}  // namespace lmc::model
