#include "spec/lora_config.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/ascii_case.h"    // lower_case
#include "base/check.h"         // InputError
#include "spec/allow_list.h"    // is_off, refuse_unknown
#include "spec/python_regex.h"  // PythonRegex

namespace lmc::spec {

namespace {

const std::string kPrefix = "base_model.model.";
constexpr std::string_view kMergeHint = "merge the adapter with peft and load the merged folder";

PythonRegex pattern_regex(const std::string& key) {
  if (auto expression = PythonRegex::compile("(.*\\.)?(" + key + ")")) {
    return std::move(*expression);
  }
  throw InputError("adapter_config.json: rank_pattern or alpha_pattern",
                   cat("\"", key, "\" is no regular expression here"),
                   "write it without what only Python's expressions have");
}

template <class Value>
Value pattern_value(const Patterns<Value>& patterns, std::initializer_list<std::string> paths,
                    Value fallback) {
  for (const auto& [key, value] : patterns) {
    const PythonRegex expression = pattern_regex(key);
    for (const std::string& path : paths) {
      if (expression.matches_whole(path)) return value;
    }
  }
  return fallback;
}

// Computed here, or without influence on what a trained adapter means: bookkeeping, and what only
// decides how its values were drawn, trained or served. Of peft up to 0.21.2, and ms-swift.
constexpr std::string_view kKnownKeys[] = {
    "peft_type", "r", "lora_alpha", "lora_dropout", "use_rslora", "use_dora", "target_modules",
    "exclude_modules", "layers_to_transform", "layers_pattern", "rank_pattern", "alpha_pattern",
    "bias", "init_lora_weights", "base_model_name_or_path",
    // peft sets this to false for linear layers, the only ones there are.
    "fan_in_fan_out", "task_type", "inference_mode", "auto_mapping", "revision", "peft_version",
    "runtime_config", "megatron_core",
    // Count together with a key that is refused, or with a value of init_lora_weights.
    "qalora_group_size", "ensure_weight_tying", "loftq_config", "eva_config", "corda_config",
    "lora_ga_config", "lora_dtype", "lorap_lr_ratio", "lorap_emb_lr"};

// What would change the arithmetic and is not computed here is refused, never ignored.
void refuse_other_kinds(const Json& json, const std::string& where) {
  const auto refuse = [&](const char* key, const Json& found) {
    throw InputError(where, cat("\"", key, "\": ", to_text(found), " is not supported"),
                     kMergeHint);
  };
  if (json_get<std::string>(json, "peft_type", where) != "LORA") {
    refuse("peft_type", json["peft_type"]);
  }
  // Known to peft 0.21.2; each adds to the sum, or is another one.
  for (const char* key :
       {"modules_to_save", "layer_replication", "target_parameters", "trainable_token_indices",
        "lora_bias", "alora_invocation_tokens", "use_qalora", "use_bdlora", "arrow_config",
        "kasa_config", "monteclora_config", "velora_config", "megatron_config"}) {
    if (json.contains(key) && !is_off(json[key])) refuse(key, json[key]);
  }
  if (json_get_or<std::string>(json, "bias", where, "none") != "none") refuse("bias", json["bias"]);
  // The others change the base weights when training starts, so the adapter alone is not the model.
  if (json.contains("init_lora_weights") && json["init_lora_weights"].is_string()) {
    const auto kind = json["init_lora_weights"].get<std::string>();
    const auto keeps_base = {"gaussian", "eva", "orthogonal", "mica"};
    if (std::find(keeps_base.begin(), keeps_base.end(), kind) == keeps_base.end()) {
      refuse("init_lora_weights", kind);
    }
  }
  const auto is_known = [](std::string_view key) {
    return std::find(std::begin(kKnownKeys), std::end(kKnownKeys), key) != std::end(kKnownKeys);
  };
  refuse_unknown(json, is_known, where, "", kMergeHint);
}

template <class Value>
Patterns<Value> read_patterns(const Json& json, const char* key, const std::string& where) {
  Patterns<Value> patterns;
  if (!json.contains(key) || json[key].is_null()) return patterns;
  if (!json[key].is_object()) fail_json_type(where, key, "object", json[key]);
  for (const auto& [name, value] : json[key].items()) {
    patterns.emplace_back(name, json_as<Value>(value, where, key));
  }
  return patterns;
}

template <class Value>
Json to_json(const Patterns<Value>& patterns) {
  Json json = Json::object();
  for (const auto& [key, value] : patterns) json[key] = value;
  return json;
}

}  // namespace

std::string lora_a_name(const std::string& path) { return kPrefix + path + ".lora_A.weight"; }
std::string lora_b_name(const std::string& path) { return kPrefix + path + ".lora_B.weight"; }
std::string lora_magnitude_name(const std::string& path) {
  return kPrefix + path + ".lora_magnitude_vector";
}

int64_t lora_rank(const LoraConfig& config, const std::string& path) {
  return pattern_value(config.rank_pattern, {path}, config.rank);
}

double lora_scale(const LoraConfig& config, const std::string& path) {
  return scale_of(config, alpha_by_paths(config, {path}), lora_rank(config, path));
}

std::optional<int64_t> rank_by_paths(const LoraConfig& config,
                                     std::initializer_list<std::string> paths) {
  try {
    return pattern_value(config.rank_pattern, paths, config.rank);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

double alpha_by_paths(const LoraConfig& config, std::initializer_list<std::string> paths) {
  return pattern_value(config.alpha_pattern, paths, config.alpha);
}

double scale_of(const LoraConfig& config, double alpha, int64_t rank) {
  const auto wide = static_cast<double>(rank);
  return config.use_rslora ? alpha / std::sqrt(wide) : alpha / wide;
}

void check_alpha(double alpha, const std::string& where) {
  if (std::abs(alpha) <= kMaxAlpha) return;
  throw InputError(where, cat("expected a number of at most ", kMaxAlpha, ", found ", alpha));
}

LoraConfig read_lora_config(const std::string& path) {
  return lora_config_from_json(read_json(path), path);
}

LoraConfig lora_config_from_json(const Json& json, const std::string& where) {
  refuse_other_kinds(json, where);
  LoraConfig config;
  config.rank = json_get<int64_t>(json, "r", where);
  if (config.rank < 1) {
    throw InputError(where, cat("\"r\": expected 1 or more, found ", config.rank));
  }
  config.alpha = json_get<double>(json, "lora_alpha", where);
  check_alpha(config.alpha, cat(where, ": key \"lora_alpha\""));
  config.dropout = json_get_or<double>(json, "lora_dropout", where, 0.0);
  config.use_rslora = json_get_or<bool>(json, "use_rslora", where, false);
  config.use_dora = json_get_or<bool>(json, "use_dora", where, false);
  config.base_model = json_get_or<std::string>(json, "base_model_name_or_path", where, "");
  config.rank_pattern = read_patterns<int64_t>(json, "rank_pattern", where);
  config.alpha_pattern = read_patterns<double>(json, "alpha_pattern", where);
  for (const auto& [pattern, alpha] : config.alpha_pattern) {
    check_alpha(alpha, cat(where, ": key \"alpha_pattern\""));
  }
  // A layer's number may be 0, which is no empty list.
  for (const char* key : {"exclude_modules", "layers_to_transform"}) {
    config.targets_are_narrowed |= json.contains(key) && !is_off(json[key]);
  }
  if (!json.contains("target_modules")) throw InputError(where, "\"target_modules\" is missing");
  const Json& targets = json["target_modules"];
  if (targets.is_string()) {
    const std::string word = lower_case(targets.get<std::string>());
    config.target_is_regex = word != "all-linear";
    config.target_modules = {config.target_is_regex ? targets.get<std::string>() : word};
  } else {
    config.target_modules = json_as<std::vector<std::string>>(targets, where, "target_modules");
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
          {"rank_pattern", to_json(config.rank_pattern)},
          {"alpha_pattern", to_json(config.alpha_pattern)}};
}

}  // namespace lmc::spec
