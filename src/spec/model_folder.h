// Whether a path is a folder that a model or an adapter can be read from; if not, what it is
// instead and what to do.
#pragma once

#include <string>
#include <vector>

namespace lmc::spec {

// The names of the files that are read of a model's folder, or an adapter's; what else lies there
// decides nothing. Empty for a path that is no folder.
std::vector<std::string> model_files(const std::string& folder);

// A folder with config.json.
// Errors: InputError for a hub name, a file, an adapter's folder, the folder above the right one.
void check_model_folder(const std::string& folder);

// A folder with adapter_config.json and adapter_model.safetensors.
// Errors: InputError, as above and for adapter_model.bin.
void check_adapter_folder(const std::string& folder);

}  // namespace lmc::spec
