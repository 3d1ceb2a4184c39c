// What a Hugging Face model folder holds beside its weights.
#pragma once

#include <string>

#include "spec/model_config.h"  // ModelConfig

namespace lmc::spec {

// Copies tokenizer, template, processor and generation files, those that are there.
void copy_companion_files(const std::string& from_folder, const std::string& to_folder);

// Copies config.json; word for word but where what it says of the output head (tied to the
// embedding, or stored) is not so of `config`: then no reader is left to guess.
void copy_config(const std::string& from_folder, const std::string& to_folder,
                 const ModelConfig& config);

}  // namespace lmc::spec
