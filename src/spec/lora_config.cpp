#include "spec/lora_config.h"

#include <algorithm>
#include <cmath>
#include <regex>

#include "base/check.h"         // InputError
#include "spec/tensor_table.h"  // linear_table

namespace lmc::spec {

namespace {

const std::string kPrefix = "base_model.model.";

// peft tries a list entry as a whole name or as an ending after a dot.
bool matches_entry(const std::string& path, const std::string& entry) {
  return path == entry || path.ends_with("." + entry);
}

std::regex parse_regex(const std::string& pattern) {
  try {
    return std::regex(pattern);
  } catch (const std::regex_error& error) {
    throw InputError("target_modules",
                     cat("\"", pattern, "\" is no regular expression: ", error.what()));
  }
}

// rank_pattern and alpha_pattern: the key matches a module's name or its ending, as an expression.
template <class Value>
Value pattern_value(const std::map<std::string, Value>& patterns, const std::string& path,
                    Value fallback) {
  for (const auto& [key, value] : patterns) {
    if (std::regex_match(path, parse_regex("(.*\\.)?(" + key + ")"))) return value;
  }
  return fallback;
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
  for (const char* key : {"lora_bias", "fan_in_fan_out"}) {
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

}  // namespace

std::string lora_a_name(const std::string& path) { return kPrefix + path + ".lora_A.weight"; }
std::string lora_b_name(const std::string& path) { return kPrefix + path + ".lora_B.weight"; }
std::string lora_magnitude_name(const std::string& path) {
  return kPrefix + path + ".lora_magnitude_vector";
}

int64_t lora_rank(const LoraConfig& config, const std::string& path) {
  return pattern_value(config.rank_pattern, path, config.rank);
}

double lora_scale(const LoraConfig& config, const std::string& path) {
  const double alpha = pattern_value(config.alpha_pattern, path, config.alpha);
  const auto rank = static_cast<double>(lora_rank(config, path));
  return config.use_rslora ? alpha / std::sqrt(rank) : alpha / rank;
}

std::vector<std::string> lora_targets(const LoraConfig& config, const ModelConfig& model) {
  const std::vector<LinearSpec> linears = linear_table(model);
  std::vector<std::string> chosen;
  if (config.target_modules == std::vector<std::string>{"all-linear"}) {
    for (const LinearSpec& linear : linears) chosen.push_back(linear.path);
    return chosen;
  }
  for (const std::string& target : config.target_modules) {
    const std::regex pattern = config.target_is_regex ? parse_regex(target) : std::regex();
    size_t found = 0;
    for (const LinearSpec& linear : linears) {
      const bool matches = config.target_is_regex ? std::regex_match(linear.path, pattern)
                                                  : matches_entry(linear.path, target);
      if (!matches) continue;
      ++found;
      if (std::find(chosen.begin(), chosen.end(), linear.path) == chosen.end()) {
        chosen.push_back(linear.path);
      }
    }
    if (found == 0) {
      throw InputError("target_modules", cat("\"", target, "\" names no linear layer of the model"),
                       "names are like q_proj, gate_proj, attn.qkv, linear_fc1");
    }
  }
  if (chosen.empty()) throw InputError("target_modules", "is empty");
  return chosen;
}

LoraConfig read_lora_config(const std::string& path) {
  const Json json = read_json(path);
  refuse_other_kinds(json, path);
  LoraConfig config;
  config.rank = json_get<int64_t>(json, "r", path);
  if (config.rank < 1)
    throw InputError(path, cat("\"r\": expected 1 or more, found ", config.rank));
  config.alpha = json_get<double>(json, "lora_alpha", path);
  config.dropout = json_get_or<double>(json, "lora_dropout", path, 0.0);
  config.use_rslora = json_get_or<bool>(json, "use_rslora", path, false);
  config.use_dora = json_get_or<bool>(json, "use_dora", path, false);
  config.base_model = json_get_or<std::string>(json, "base_model_name_or_path", path, "");
  config.rank_pattern = read_patterns<int64_t>(json, "rank_pattern", path);
  config.alpha_pattern = read_patterns<double>(json, "alpha_pattern", path);
  if (!json.contains("target_modules")) throw InputError(path, "\"target_modules\" is missing");
  const Json& targets = json["target_modules"];
  if (targets.is_string()) {
    config.target_modules = {targets.get<std::string>()};
    config.target_is_regex = config.target_modules[0] != "all-linear";
  } else {
    config.target_modules = json_as<std::vector<std::string>>(targets, path, "target_modules");
  }
  return config;
}

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
          {"use_dora", config.use_dora},
          {"init_lora_weights", true},
          {"modules_to_save", nullptr},
          {"layers_to_transform", nullptr},
          {"layers_pattern", nullptr},
          {"rank_pattern", config.rank_pattern},
          {"alpha_pattern", config.alpha_pattern}};
}

}  // namespace lmc::spec
