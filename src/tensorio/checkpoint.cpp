#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/check.h"  // InputError, LMC_CHECK
#include "base/files.h"  // file_exists, read_file
#include "tensorio/safetensors.h"
#include "tensorio/strict_json.h"  // parse_strict_json

namespace lmc::tensorio {

namespace {

constexpr std::string_view kSingleFile = "model.safetensors";
constexpr std::string_view kIndexFile = "model.safetensors.index.json";

std::string in_folder(const std::string& folder, std::string_view name) {
  return (std::filesystem::path(folder) / name).string();
}

// A shard stands beside its index. A name that leads elsewhere would let a downloaded checkpoint
// read any file of its user.
void check_shard_name(const std::string& name, const std::string& index) {
  const bool plain = !name.empty() && name != "." && name != ".." &&
                     name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
  if (!plain) {
    throw InputError(index,
                     cat("weight_map: shard name ", escaped(name), " is not a plain file name"));
  }
}

// Shard name -> names of the tensors it should hold.
std::map<std::string, std::vector<std::string>> read_index(const std::string& path) {
  const SortedJson index = parse_strict_json(read_file(path), path);
  if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object() ||
      index["weight_map"].empty()) {
    throw InputError(path, "expected an object with a non-empty object \"weight_map\"");
  }
  std::map<std::string, std::vector<std::string>> shards;
  for (const auto& [tensor, shard] : index["weight_map"].items()) {
    if (!shard.is_string()) {
      throw InputError(path, cat("weight_map: the shard of ", escaped(tensor), " is not a string"));
    }
    const auto name = shard.get<std::string>();
    check_shard_name(name, path);
    shards[name].push_back(tensor);
  }
  return shards;
}

// What lies in a folder without safetensors weights, and what to do about it.
[[noreturn]] void fail_without_weights(const std::string& folder) {
  std::vector<std::string> shards, pickles, others;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const std::string kind = entry.path().extension().string();
    if (kind == ".safetensors" && !name.starts_with("adapter_")) shards.push_back(name);
    if (kind == ".bin" || kind == ".pt" || kind == ".pth" || kind == ".ckpt") {
      if (name != "training_args.bin" && name != "optimizer.pt" && name != "scheduler.pt") {
        pickles.push_back(name);
      }
    }
    if (kind == ".gguf" || kind == ".onnx" || kind == ".h5" || kind == ".msgpack") {
      others.push_back(name);
    }
  }
  const auto first = [](std::vector<std::string>& names) {
    std::sort(names.begin(), names.end());
    return names.front();
  };
  const std::string holds = cat("holds neither ", kSingleFile, " nor ", kIndexFile);
  if (!shards.empty()) {
    throw InputError(folder, cat(holds, ", but ", first(shards)),
                     shards.size() == 1 && !shards.front().starts_with("model-")
                         ? cat("is it the whole model? then rename it to ", kSingleFile)
                         : cat("fetch ", kIndexFile, " as well"));
  }
  if (!pickles.empty()) {
    throw InputError(folder, cat(holds, ", but ", first(pickles)),
                     "save it as safetensors: python -c \"from transformers import "
                     "AutoModelForImageTextToText as M; M.from_pretrained('FOLDER', "
                     "dtype='auto').save_pretrained('NEW')\"");
  }
  if (!others.empty()) {
    throw InputError(folder, cat(holds, ", but ", first(others), ", a form that is not read here"),
                     "fetch the safetensors weights of the model");
  }
  throw InputError(folder, holds,
                   "give the folder of a Hugging Face checkpoint with safetensors weights");
}

}  // namespace

std::vector<std::string> checkpoint_files(const std::string& folder) {
  if (file_exists(in_folder(folder, kSingleFile))) return {std::string(kSingleFile)};
  const std::string index = in_folder(folder, kIndexFile);
  if (!file_exists(index)) return {};
  std::vector<std::string> names = {std::string(kIndexFile)};
  for (const auto& [shard, tensors] : read_index(index)) names.push_back(shard);
  return names;
}

Checkpoint::Checkpoint(const std::string& folder) : folder_(folder) {
  const std::string single = in_folder(folder, kSingleFile);
  if (file_exists(single)) {
    tensors_ = files_.emplace_back(single).tensors();
    return;
  }
  const std::string index = in_folder(folder, kIndexFile);
  if (!file_exists(index)) fail_without_weights(folder);
  for (const auto& [shard, names] : read_index(index)) {
    const std::string path = in_folder(folder, shard);
    if (!file_exists(path)) {
      throw InputError(index, cat("names the shard ", shard, ", which is missing"),
                       "fetch the remaining files of the checkpoint");
    }
    const SafetensorsFile& file = files_.emplace_back(path);
    for (const std::string& name : names) {
      const auto found = file.tensors().find(name);
      if (found == file.tensors().end()) {
        throw InputError(
            index, cat("places tensor ", escaped(name), " in ", shard, ", which does not hold it"));
      }
      tensors_.insert(*found);
    }
    if (file.tensors().size() != names.size()) {
      throw InputError(path, cat("holds ", file.tensors().size(), " tensors, but the index names ",
                                 names.size(), " of them"));
    }
  }
}

const std::string& Checkpoint::file_of(const std::string& tensor) const {
  for (const SafetensorsFile& file : files_) {
    if (file.tensors().contains(tensor)) return file.path();
  }
  LMC_CHECK(false, "the checkpoint holds no tensor ", tensor);
}

}  // namespace lmc::tensorio
