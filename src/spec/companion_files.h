// What a Hugging Face model folder holds beside weights and config.json.
#pragma once

#include <string>

namespace lmc::spec {

// Copies tokenizer, template, processor and generation files, those that are there.
void copy_companion_files(const std::string& from_folder, const std::string& to_folder);

}  // namespace lmc::spec
