#include "base/named_files.h"

#include <filesystem>

#include "base/files.h"  // file_exists, read_file

namespace lmc {

std::optional<std::string> FolderFiles::find(const std::string& name) const {
  const std::string path = path_of(name);
  if (!file_exists(path)) return std::nullopt;
  return read_file(path);
}

std::string FolderFiles::path_of(const std::string& name) const {
  return (std::filesystem::path(folder_) / name).string();
}

}  // namespace lmc
