#include <filesystem>
#include <utility>

#include "base/check.h"  // InputError
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

}  // namespace

Checkpoint::Checkpoint(const std::string& folder) : folder_(folder) {
  const std::string single = in_folder(folder, kSingleFile);
  if (file_exists(single)) {
    tensors_ = files_.emplace_back(single).tensors();
    return;
  }
  const std::string index = in_folder(folder, kIndexFile);
  if (!file_exists(index)) {
    throw InputError(folder, cat("holds neither ", kSingleFile, " nor ", kIndexFile),
                     "give the folder of a Hugging Face checkpoint with safetensors weights");
  }
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

}  // namespace lmc::tensorio
