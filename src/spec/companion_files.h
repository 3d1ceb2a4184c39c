// What a Hugging Face model folder holds beside its weights.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spec/model_config.h"  // ModelConfig
#include "tensorio/dtype.h"     // Dtype

namespace lmc::spec {

// The names of tokenizer, template, processor and generation files, of which a folder has some.
const std::vector<std::string>& companion_names();

// Such files by name, those that are there.
std::map<std::string, std::string> read_companion_files(const std::string& folder);

// Copies them.
void copy_companion_files(const std::string& from_folder, const std::string& to_folder);

// config.json; word for word but where it would say something else than the weights beside it:
// whether the output head is tied to the embedding (as in `config`), and the type they are stored
// in (`dtype`: F32, BF16 or F16; none: what it says stays), in which transformers 5 loads them.
std::string config_text(const std::string& folder, const ModelConfig& config,
                        std::optional<tensorio::Dtype> dtype);
// Writes it into another folder.
void copy_config(const std::string& from_folder, const std::string& to_folder,
                 const ModelConfig& config, tensorio::Dtype dtype);

}  // namespace lmc::spec
