// LoRA by PEFT's definition, and its files.
//
// The arithmetic is in linear.h: s = alpha / rank, or alpha / sqrt(rank) with rsLoRA.
// Mirrors: peft, tuners/lora/config.py and utils/save_and_load.py (file and key names).
#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/json.h"       // Json
#include "model/qwen3_vl.h"  // Qwen3Vl

namespace lmc::model {

struct LoraConfig {
  int64_t rank = 16;
  double alpha = 32;
  double dropout = 0;
  bool use_rslora = false;
  // As peft reads them: a list of module names or name endings ("q_proj"), or one regular
  // expression over the whole path, or the word "all-linear".
  std::vector<std::string> target_modules;
  bool target_is_regex = false;
  std::map<std::string, int64_t> rank_pattern;
  std::map<std::string, double> alpha_pattern;
  std::string base_model;  // base_model_name_or_path
};

// Module paths a configuration selects. Errors: InputError when a target selects nothing.
std::vector<std::string> lora_targets(const LoraConfig& config, const spec::ModelConfig& model);

// Rank and scale of one module, patterns applied.
int64_t lora_rank(const LoraConfig& config, const std::string& path);
double lora_scale(const LoraConfig& config, const std::string& path);

// The names peft gives a module's two tensors.
std::string lora_a_name(const std::string& path);
std::string lora_b_name(const std::string& path);

// Attaches fresh pairs: A kaiming-uniform from the named random stream, B zero.
void attach_lora(Qwen3Vl& model, const LoraConfig& config, uint64_t seed);

// adapter_model.safetensors, then adapter_config.json: a folder with the latter is complete.
void save_adapter(Qwen3Vl& model, const LoraConfig& config, const std::string& folder);

// Errors: InputError for kinds of adapter we do not compute (DoRA, bias, modules_to_save, ...), for
// missing, unknown or wrongly shaped tensors.
LoraConfig load_adapter(Qwen3Vl& model, const std::string& folder);

// The pairs in place, by module path.
std::map<std::string, LoraPair*> lora_pairs(Qwen3Vl& model);

}  // namespace lmc::model
