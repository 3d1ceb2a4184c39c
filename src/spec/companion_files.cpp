#include "spec/companion_files.h"

#include "base/files.h"  // file_exists, read_file, write_file

namespace lmc::spec {

void copy_companion_files(const std::string& from_folder, const std::string& to_folder) {
  for (const char* name :
       {"tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "chat_template.json", "chat_template.jinja",
        "preprocessor_config.json", "generation_config.json"}) {
    const std::string from = from_folder + "/" + name;
    if (file_exists(from)) write_file(to_folder + "/" + name, read_file(from));
  }
}

}  // namespace lmc::spec
