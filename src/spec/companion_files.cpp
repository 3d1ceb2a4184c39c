#include "spec/companion_files.h"

#include <filesystem>

#include "base/files.h"  // file_exists, read_file, write_file, make_folder
#include "base/json.h"   // read_json

namespace lmc::spec {

namespace {

constexpr const char* kTemplates = "additional_chat_templates";
constexpr const char* kTied = "tie_word_embeddings";

}  // namespace

void copy_companion_files(const std::string& from_folder, const std::string& to_folder) {
  for (const char* name :
       {"tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "chat_template.json", "chat_template.jinja",
        "preprocessor_config.json", "processor_config.json", "video_preprocessor_config.json",
        "generation_config.json"}) {
    const std::string from = from_folder + "/" + name;
    if (file_exists(from)) write_file(to_folder + "/" + name, read_file(from));
  }
  std::error_code none;
  const std::filesystem::path templates = std::filesystem::path(from_folder) / kTemplates;
  for (const auto& entry : std::filesystem::directory_iterator(templates, none)) {
    if (entry.path().extension() != ".jinja") continue;
    const std::string folder = to_folder + "/" + kTemplates;
    make_folder(folder);
    write_file(folder + "/" + entry.path().filename().string(), read_file(entry.path().string()));
  }
}

void copy_config(const std::string& from_folder, const std::string& to_folder,
                 const ModelConfig& config) {
  const std::string from = from_folder + "/config.json", to = to_folder + "/config.json";
  Json json = read_json(from);
  if (json.contains(kTied) && json[kTied] == config.tie_word_embeddings) {
    write_file(to, read_file(from));
    return;
  }
  json[kTied] = config.tie_word_embeddings;
  if (json["text_config"].contains(kTied)) json["text_config"][kTied] = config.tie_word_embeddings;
  write_file(to, to_pretty_text(json));
}

}  // namespace lmc::spec
