// A LoRA adapter by PEFT's definition: which layers it corrects, by which rank and scale, and its
// adapter_config.json.
//
// The correction of a layer's weight is s B A, with s = alpha / rank, or alpha / sqrt(rank) with
// rsLoRA. DoRA then scales each row of the sum to a trained magnitude. Mirrors: peft,
// tuners/lora/config.py and utils/save_and_load.py (file and key names).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"          // Json
#include "spec/model_config.h"  // ModelConfig

namespace lmc::spec {

struct LoraConfig {
  int64_t rank = 16;
  double alpha = 32;
  double dropout = 0;
  bool use_rslora = false;
  bool use_dora = false;
  // As peft reads them: a list of module names or name endings ("q_proj"), or one regular
  // expression over the whole path, or the word "all-linear".
  std::vector<std::string> target_modules;
  bool target_is_regex = false;
  std::map<std::string, int64_t> rank_pattern;
  std::map<std::string, double> alpha_pattern;
  std::string base_model;  // base_model_name_or_path
};

// Module paths a configuration selects. Errors: InputError when a target selects nothing.
std::vector<std::string> lora_targets(const LoraConfig& config, const ModelConfig& model);

// Rank and scale of one module, patterns applied.
int64_t lora_rank(const LoraConfig& config, const std::string& path);
double lora_scale(const LoraConfig& config, const std::string& path);

// The names peft gives a module's two tensors, and DoRA's third.
std::string lora_a_name(const std::string& path);
std::string lora_b_name(const std::string& path);
std::string lora_magnitude_name(const std::string& path);

// Errors: InputError for a file that is none, and for kinds of adapter we do not compute (bias,
// modules_to_save, ...).
LoraConfig read_lora_config(const std::string& path);

// As adapter_config.json.
Json to_json(const LoraConfig& config);

}  // namespace lmc::spec
