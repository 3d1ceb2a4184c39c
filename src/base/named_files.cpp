#include "base/named_files.h"

#include <filesystem>

#include "base/device_file.h"  // DeviceFile
#include "base/files.h"        // file_exists, read_file

namespace lmc {

std::optional<std::string> FolderFiles::find(const std::string& name) const {
  const std::string path = path_of(name);
  if (!file_exists(path)) return std::nullopt;
  return read_file(path);
}

std::string FolderFiles::path_of(const std::string& name) const {
  return (std::filesystem::path(folder_) / name).string();
}

std::unique_ptr<NamedFiles> open_named_files(const std::string& path) {
  if (DeviceFile::is_one(path)) return std::make_unique<DeviceFile>(path);
  return std::make_unique<FolderFiles>(path);
}

}  // namespace lmc
