#include "spec/companion_files.h"

#include <filesystem>

#include "base/check.h"  // LMC_CHECK
#include "base/files.h"  // file_exists, read_file, write_file, make_parent_folder
#include "base/json.h"   // read_json

namespace lmc::spec {

namespace {

constexpr const char* kTemplates = "additional_chat_templates";
constexpr const char* kTied = "tie_word_embeddings";

const char* torch_name(tensorio::Dtype dtype) {
  switch (dtype) {
    case tensorio::Dtype::kF32:
      return "float32";
    case tensorio::Dtype::kBF16:
      return "bfloat16";
    case tensorio::Dtype::kF16:
      return "float16";
    default:
      LMC_CHECK(false, "weights are stored as ", tensorio::dtype_name(dtype));
  }
}

}  // namespace

const std::vector<std::string>& companion_names() {
  static const std::vector<std::string> names = {"tokenizer.json",
                                                 "vocab.json",
                                                 "merges.txt",
                                                 "tokenizer_config.json",
                                                 "special_tokens_map.json",
                                                 "added_tokens.json",
                                                 "chat_template.json",
                                                 "chat_template.jinja",
                                                 "preprocessor_config.json",
                                                 "processor_config.json",
                                                 "video_preprocessor_config.json",
                                                 "generation_config.json"};
  return names;
}

std::map<std::string, std::string> read_companion_files(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const std::string& name : companion_names()) {
    const std::string from = folder + "/" + name;
    if (file_exists(from)) files[name] = read_file(from);
  }
  std::error_code none;
  const std::filesystem::path templates = std::filesystem::path(folder) / kTemplates;
  for (const auto& entry : std::filesystem::directory_iterator(templates, none)) {
    if (entry.path().extension() != ".jinja") continue;
    files[cat(kTemplates, "/", entry.path().filename().string())] =
        read_file(entry.path().string());
  }
  return files;
}

void copy_companion_files(const std::string& from_folder, const std::string& to_folder) {
  for (const auto& [name, bytes] : read_companion_files(from_folder)) {
    make_parent_folder(to_folder + "/" + name);
    write_file(to_folder + "/" + name, bytes);
  }
}

std::string config_text(const std::string& folder, const ModelConfig& config,
                        std::optional<tensorio::Dtype> dtype) {
  const std::string from = folder + "/config.json";
  const Json before = read_json(from);
  Json json = before;
  json[kTied] = config.tie_word_embeddings;
  if (json["text_config"].contains(kTied)) json["text_config"][kTied] = config.tie_word_embeddings;
  // Its name in transformers 5, and before. Only where the type is said: else it is the tensors'.
  for (Json* section : {&json, &json["text_config"], &json["vision_config"]}) {
    for (const char* name : {"dtype", "torch_dtype"}) {
      if (dtype && section->contains(name)) (*section)[name] = torch_name(*dtype);
    }
  }
  return json == before ? read_file(from) : to_pretty_text(json);
}

void copy_config(const std::string& from_folder, const std::string& to_folder,
                 const ModelConfig& config, tensorio::Dtype dtype) {
  write_file(to_folder + "/config.json", config_text(from_folder, config, dtype));
}

}  // namespace lmc::spec
