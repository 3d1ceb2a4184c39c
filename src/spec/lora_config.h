// A LoRA adapter by PEFT's definition: by which rank and scale it corrects which layers, and its
// adapter_config.json.
//
// The correction of a layer's weight is s B A, with s = alpha / rank, or alpha / sqrt(rank) with
// rsLoRA. DoRA then scales each row of the sum to a trained magnitude. Which layers a
// configuration selects is in lora_targets.h, an adapter's tensors in adapter.h.
// Mirrors: peft, tuners/lora/config.py and utils/other.py (get_pattern_key).
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::spec {

// Values for some modules, by expressions that match a path or the end of one behind a dot. The
// first that matches counts, in the order of the file.
template <class Value>
using Patterns = std::vector<std::pair<std::string, Value>>;

struct LoraConfig {
  int64_t rank = 16;
  double alpha = 32;
  double dropout = 0;
  bool use_rslora = false;
  bool use_dora = false;
  // As peft reads them: a list of module names or name endings ("q_proj"), or one regular
  // expression over the whole path, or the word "all-linear".
  std::vector<std::string> target_modules = {};
  bool target_is_regex = false;
  // exclude_modules or layers_to_transform narrow the targets down; read, never written.
  bool targets_are_narrowed = false;
  Patterns<int64_t> rank_pattern = {};
  Patterns<double> alpha_pattern = {};
  std::string base_model = {};  // base_model_name_or_path
};

// Rank and scale of one module, patterns applied.
// Errors: InputError for a pattern that is no regular expression to us (Python's know more).
int64_t lora_rank(const LoraConfig& config, const std::string& path);
double lora_scale(const LoraConfig& config, const std::string& path);

// The same for a module that goes by several paths, as it has been renamed: a pattern may be for
// any of them. The rank: nothing where a pattern is no expression to us.
std::optional<int64_t> rank_by_paths(const LoraConfig& config,
                                     std::initializer_list<std::string> paths);
double alpha_by_paths(const LoraConfig& config, std::initializer_list<std::string> paths);
double scale_of(const LoraConfig& config, double alpha, int64_t rank);

// Of more, the correction is no number that a model computes with.
inline constexpr double kMaxAlpha = 1e9;
// Errors: InputError.
void check_alpha(double alpha, const std::string& where);

// The names peft gives a module's two tensors, and DoRA's third.
std::string lora_a_name(const std::string& path);
std::string lora_b_name(const std::string& path);
std::string lora_magnitude_name(const std::string& path);

// Errors: InputError for a file that is none, for kinds of adapter that are not computed here
// (bias, modules_to_save, ...), and for any key that is on and not known.
LoraConfig read_lora_config(const std::string& path);
LoraConfig lora_config_from_json(const Json& json, const std::string& where);

// As adapter_config.json.
Json to_json(const LoraConfig& config);

}  // namespace lmc::spec
