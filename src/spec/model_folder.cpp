#include "spec/model_folder.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/check.h"            // InputError
#include "base/device_file.h"      // DeviceFile
#include "base/files.h"            // file_exists
#include "spec/companion_files.h"  // companion_names
#include "tensorio/safetensors.h"  // checkpoint_files

namespace lmc::spec {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kModelFile = "config.json";
constexpr std::string_view kAdapterFile = "adapter_config.json";
constexpr std::string_view kAdapterWeights = "adapter_model.safetensors";

bool holds(const fs::path& folder, std::string_view file) {
  return file_exists((folder / file).string());
}

// "Qwen/Qwen3-VL-2B-Instruct": an owner and a name, where no such folder is.
bool looks_like_hub_name(const std::string& path) {
  const size_t slash = path.find('/');
  return slash != path.npos && slash > 0 && slash + 1 < path.size() &&
         path.find('/', slash + 1) == path.npos && path[0] != '.' && path[0] != '~' &&
         !path.starts_with("models/") &&
         path.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             "-_./") == path.npos;
}

// Numbers by their size, so that checkpoint-1000 comes after checkpoint-500.
bool natural_less(const std::string& a, const std::string& b) {
  const auto key = [](const std::string& name) {
    const size_t digits = name.find_last_not_of("0123456789") + 1;
    return std::pair(name.substr(0, digits), std::pair(name.size(), name));
  };
  return key(a) < key(b);
}

// The subfolders, at most two levels down, that hold `file`; a cache of the Hugging Face Hub has
// them in snapshots/.
std::vector<std::string> folders_below(const fs::path& folder, std::string_view file) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!entry.is_directory(error)) continue;
    if (holds(entry.path(), file)) found.push_back(entry.path().string());
    if (entry.path().filename() != "snapshots") continue;
    for (const auto& snapshot : fs::directory_iterator(entry.path(), error)) {
      if (holds(snapshot.path(), file)) found.push_back(snapshot.path().string());
    }
  }
  std::sort(found.begin(), found.end(), natural_less);
  return found;
}

void check_is_folder(const std::string& folder, std::string_view option) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return;
  if (DeviceFile::is_one(folder)) {
    throw InputError(folder, "is a device file; the folder of a checkpoint is wanted here",
                     "give the folder that it was exported from");
  }
  if (file_exists(folder)) {
    const std::string parent = fs::path(folder).parent_path().string();
    throw InputError(
        folder, "expected a folder, found a file",
        cat("give the folder it lies in: ", option, " ", parent.empty() ? "." : parent));
  }
  if (looks_like_hub_name(folder)) {
    const std::string name = folder.substr(folder.find('/') + 1);
    throw InputError(
        folder, "no such folder; names on the Hugging Face Hub are not fetched here",
        cat("hf download ", folder, " --local-dir ", name, ", then ", option, " ", name));
  }
  throw InputError(folder, "no such folder");
}

// `file` is missing: is it in a folder below?
void suggest_below(const std::string& folder, std::string_view file, std::string_view option) {
  const std::vector<std::string> below = folders_below(folder, file);
  if (below.empty()) return;
  throw InputError(
      folder,
      cat("holds no ", file, ", but ", below.size(), " folder", below.size() == 1 ? "" : "s",
          " below it ", below.size() == 1 ? "does" : "do"),
      cat("did you mean ", option, " ", below.back(), "?"));
}

}  // namespace

std::vector<std::string> model_files(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return {};
  std::vector<std::string> names = tensorio::checkpoint_files(folder);
  std::vector<std::string> others = companion_names();
  others.insert(others.end(), {"additional_chat_templates/default.jinja", std::string(kModelFile),
                               std::string(kAdapterFile), std::string(kAdapterWeights)});
  for (const std::string& name : others) {
    if (holds(folder, name)) names.push_back(name);
  }
  return names;
}

void check_model_folder(const std::string& folder) {
  check_is_folder(folder, "--model");
  if (holds(folder, kModelFile)) return;
  if (holds(folder, kAdapterFile)) {
    throw InputError(folder, "is an adapter's folder, not a model's",
                     cat("--model BASE --adapter ", folder));
  }
  suggest_below(folder, kModelFile, "--model");
  throw InputError(folder, cat("holds no ", kModelFile),
                   "give the folder of a Hugging Face checkpoint");
}

void check_adapter_folder(const std::string& folder) {
  check_is_folder(folder, "--adapter");
  if (!holds(folder, kAdapterFile)) {
    suggest_below(folder, kAdapterFile, "--adapter");
    if (holds(folder, kModelFile)) {
      throw InputError(folder, "is a whole model's folder, not an adapter's",
                       cat("--model ", folder, ", without --adapter"));
    }
    throw InputError(folder, cat("holds no ", kAdapterFile),
                     "give the folder that peft or a training run here wrote");
  }
  if (holds(folder, kAdapterWeights)) return;
  for (const std::string_view other : {"adapter_model.bin", "adapter_model.pt"}) {
    if (!holds(folder, other)) continue;
    throw InputError(
        folder, cat("holds no ", kAdapterWeights, ", but ", other),
        cat("convert it: python -c \"import torch; from safetensors.torch import save_file; "
            "save_file({k: v.contiguous() for k, v in torch.load('",
            other, "', map_location='cpu', weights_only=True).items()}, '", kAdapterWeights,
            "')\" in that folder"));
  }
  throw InputError(folder, cat("holds ", kAdapterFile, ", but no ", kAdapterWeights),
                   "fetch it as well; a training that was stopped may not have written it");
}

}  // namespace lmc::spec
