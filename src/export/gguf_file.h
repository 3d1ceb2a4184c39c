// The container that llama.cpp loads: key-value pairs about the model, then tensors in element types
// of 32-element blocks.
//
// Numbers are little-endian. A tensor's sides are written fastest first, the other way round than
// in a checkpoint.
// Source:  GGUF version 3, as specified in ggml's docs/gguf.md; the block types as ggml defines
//          them (Q8_0: scale f16 and 32 bytes; Q4_0: scale f16 and 16 bytes, elements 0 .. 15 in
//          their lower halves, 16 .. 31 in the upper, each plus 8).
// Errors:  InputError for files that cannot be written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"  // AtomicFile

namespace lmc::exporting {

// The numbers are the format's.
enum class GgufType : uint32_t { kF32 = 0, kF16 = 1, kQ4_0 = 2, kQ8_0 = 8, kBF16 = 30 };

inline constexpr int64_t kGgufBlock = 32;  // elements of a row that Q4_0 and Q8_0 take together

// Bytes of a row; a row of a block type is a multiple of kGgufBlock.
int64_t gguf_row_bytes(GgufType type, int64_t width);
// A row of floats as a type; `out` has gguf_row_bytes().
void gguf_encode_row(GgufType type, std::span<const float> row, std::span<std::byte> out);

// The key-value pairs of a file, in the order they are added.
class GgufMetadata {
 public:
  void add(std::string_view key, std::string_view text);
  void add(std::string_view key, const char* text) { add(key, std::string_view(text)); }
  void add_uint32(std::string_view key, int64_t value);
  void add_float32(std::string_view key, double value);
  void add_bool(std::string_view key, bool value);
  void add_strings(std::string_view key, std::span<const std::string> values);
  void add_int32s(std::string_view key, std::span<const int32_t> values);
  void add_float32s(std::string_view key, std::span<const float> values);
  void add_bools(std::string_view key, const std::vector<bool>& values);

  uint64_t count() const { return count_; }
  std::string_view bytes() const { return bytes_; }

 private:
  void begin(std::string_view key, uint32_t type);
  void begin_array(std::string_view key, uint32_t type, size_t count);

  uint64_t count_ = 0;
  std::string bytes_;
};

struct GgufTensor {
  std::string name;
  std::vector<int64_t> shape;  // slowest side first
  GgufType type = GgufType::kF32;

  int64_t row_width() const { return shape.back(); }
  int64_t num_rows() const;
  int64_t num_bytes() const { return num_rows() * gguf_row_bytes(type, row_width()); }
};

// Writes a file whose tensors are known beforehand; their rows follow, all of a tensor and in the
// order of the list. The file appears under its name when finish() returns.
class GgufWriter {
 public:
  GgufWriter(const std::string& path, const GgufMetadata& metadata,
             std::vector<GgufTensor> tensors);

  // The next rows of the tensor that is being written, encoded.
  void write(std::span<const std::byte> bytes);
  void finish();

 private:
  void pad();

  AtomicFile file_;
  std::vector<GgufTensor> tensors_;
  size_t tensor_ = 0;    // that is being written
  int64_t written_ = 0;  // of its bytes
  int64_t offset_ = 0;   // of the file
};

}  // namespace lmc::exporting
