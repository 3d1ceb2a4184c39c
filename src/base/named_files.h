// The small text files of a model (config.json, tokenizer.json, ...) by name, wherever they lie: in
// a folder, or inside a file that carries a whole model.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace lmc {

class NamedFiles {
 public:
  virtual ~NamedFiles() = default;

  // The file's bytes; nothing: it is not there.
  // Errors: InputError for one that is there and cannot be read.
  virtual std::optional<std::string> find(const std::string& name) const = 0;
  // What error lines call a file, whether it is there or not.
  virtual std::string path_of(const std::string& name) const = 0;
  // What error lines call all of them.
  virtual std::string path() const = 0;
};

class FolderFiles : public NamedFiles {
 public:
  explicit FolderFiles(std::string folder) : folder_(std::move(folder)) {}

  std::optional<std::string> find(const std::string& name) const override;
  std::string path_of(const std::string& name) const override;
  std::string path() const override { return folder_; }

 private:
  std::string folder_;
};

// The small files of a model's folder, or those that a device file carries.
// Errors: InputError for a device file that is damaged.
std::unique_ptr<NamedFiles> open_named_files(const std::string& path);

}  // namespace lmc
