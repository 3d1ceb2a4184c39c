// The container of a model for a device: tensors as the arithmetic takes them, to be mapped, and
// the small files that belong to them, in one file.
//
// A head of 64 bytes (magic, version), the parts, a directory in JSON, a tail of 64 bytes (magic,
// where the directory lies, its SHA-256). What a tensor's bytes mean is said by a word that the
// container hands on. docs/FORMATS.md has it byte by byte.
// Opening reads head, tail and directory; the parts are compared with their checksums when a small
// file is read, and for tensors by verify().
// Errors:  InputError naming the file, and the part where it is one.
// Threads: readers may be shared; a writer belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"        // MappedFile, AtomicFile
#include "base/json.h"         // Json
#include "base/named_files.h"  // NamedFiles
#include "base/sha256.h"       // Sha256

namespace lmc {

inline constexpr int64_t kDeviceFileVersion = 1;

// A stored tensor, described in words that the container does not look into.
struct DeviceTensorInfo {
  std::string name;
  std::string form;            // how its elements are stored and in which order
  std::vector<int64_t> shape;  // of the tensor it stands for
  int64_t group = 0;           // elements that share a scale; 0: none do
};

struct DeviceTensor {
  DeviceTensorInfo info;
  std::span<const std::byte> bytes;  // inside the mapped file
};

class DeviceFile : public NamedFiles {
 public:
  explicit DeviceFile(const std::string& path);

  // Whether the file begins like one; false for folders and what cannot be read.
  static bool is_one(const std::string& path);

  const std::map<std::string, DeviceTensor>& tensors() const { return tensors_; }
  const Json& metadata() const { return metadata_; }
  std::vector<std::string> file_names() const;

  // Compares a small file with its checksum.
  std::optional<std::string> find(const std::string& name) const override;
  std::string path_of(const std::string& name) const override;
  std::string path() const override { return file_.path(); }

  // Compares every part with its checksum; at the speed of the hash.
  void verify() const;
  void release_pages() const { file_.release_pages(); }

 private:
  struct Part {
    std::span<const std::byte> bytes;
    std::string sha256;
  };
  Part read_part(const Json& entry, const std::string& where) const;
  void check_overlaps() const;

  MappedFile file_;
  std::map<std::string, DeviceTensor> tensors_;
  std::map<std::string, Part> parts_;  // of the tensors
  std::map<std::string, Part> files_;
  Json metadata_;
};

// Writes the parts in the order they come; the file appears under its name when finish() returns.
class DeviceFileWriter {
 public:
  explicit DeviceFileWriter(const std::string& path);

  void add_file(const std::string& name, std::string_view bytes);
  // A tensor's bytes follow in one or several pieces.
  void begin_tensor(const DeviceTensorInfo& info);
  void write(std::span<const std::byte> bytes);
  void finish(const Json& metadata);

 private:
  void begin_part(int64_t alignment);
  Json end_part();
  void end_tensor();
  void pad_to(int64_t alignment);

  AtomicFile file_;
  int64_t offset_ = 0;
  int64_t part_offset_ = 0;
  std::optional<Sha256> part_hash_;
  std::optional<DeviceTensorInfo> open_tensor_;
  Json files_ = Json::object();
  Json tensors_ = Json::object();
};

// Writes `to` as `from` with these small files added, or put in the place of those of their names.
// The tensors are copied as they lie.
void add_files(const std::string& from, const std::string& to,
               const std::map<std::string, std::string>& files);

}  // namespace lmc
