// Which layers a LoRA configuration selects.
//
// Mirrors: peft, tuners/tuners_utils.py (check_target_module_exists).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "spec/lora_config.h"   // LoraConfig
#include "spec/model_config.h"  // ModelConfig

namespace lmc::spec {

// Paths of the linear layers that a training corrects.
// Errors: InputError when a target selects nothing.
std::vector<std::string> lora_targets(const LoraConfig& config, const ModelConfig& model);

// Of all modules of the model, also those that are no linear layers: what peft would select.
// Nothing where that cannot be said: narrowed targets, and expressions that only Python knows. A
// list may name modules by older paths ("model.layers.0.mlp.up_proj").
std::optional<std::set<std::string>> selected_modules(const LoraConfig& config,
                                                      const ModelConfig& model);

// The configuration with targets by which peft selects exactly `adapted`: its own where they do,
// else the shortest endings of paths that fit no other module. ("proj" would take the convolution
// that embeds patches too, and its correction would be missing.)
LoraConfig with_exact_targets(LoraConfig config, const std::vector<std::string>& adapted,
                              const ModelConfig& model);

}  // namespace lmc::spec
