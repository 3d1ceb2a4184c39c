// safetensors: 8 bytes little-endian header size, a JSON header, then the tensors' bytes.
//
// The reader maps the file and trusts nothing: header size, JSON, shapes, byte ranges, overlaps and
// gaps are all checked before a byte is handed out.
// Source:  github.com/huggingface/safetensors, README "Format".
// Errors:  InputError naming the file and the tensor.
// Threads: readers may be shared; a writer belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/files.h"      // MappedFile, AtomicFile
#include "tensorio/dtype.h"  // Dtype

namespace lmc::tensorio {

struct TensorInfo {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;

  int64_t num_elements() const;
  int64_t num_bytes() const;
};

// A stored tensor: its description and its bytes inside the mapped file.
struct TensorView {
  TensorInfo info;
  std::span<const std::byte> bytes;
};

class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::string& path);

  const std::string& path() const { return file_.path(); }
  const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  void release_pages() const { file_.release_pages(); }

 private:
  MappedFile file_;
  std::map<std::string, TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
};

// All tensors of a checkpoint folder: `model.safetensors`, or the shards that
// `model.safetensors.index.json` names.
// Errors: InputError; weights that lie there in another form are named, with the way to convert.
class Checkpoint {
 public:
  explicit Checkpoint(const std::string& folder);

  const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  const std::string& folder() const { return folder_; }
  // The file that holds a tensor of this checkpoint.
  const std::string& file_of(const std::string& tensor) const;
  // Gives back the memory of the pages read so far; they are read again when touched.
  void release_pages() const {
    for (const SafetensorsFile& file : files_) file.release_pages();
  }

 private:
  std::string folder_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, TensorView> tensors_;
};

// The names of the files in the folder that such a checkpoint is read from.
std::vector<std::string> checkpoint_files(const std::string& folder);

// Writes tensors one after the other, so that a file larger than memory can be written. All shapes
// are announced first; each tensor's bytes follow in the same order, in one or several pieces.
// The file appears under its name when finish() returns.
class SafetensorsWriter {
 public:
  SafetensorsWriter(const std::string& path, const std::vector<TensorInfo>& tensors,
                    const std::map<std::string, std::string>& metadata = {});
  void write(std::span<const std::byte> bytes);
  void finish();

 private:
  AtomicFile file_;
  int64_t expected_bytes_ = 0;
  int64_t written_bytes_ = 0;
};

}  // namespace lmc::tensorio
