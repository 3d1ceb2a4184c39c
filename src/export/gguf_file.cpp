#include "export/gguf_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/check.h"      // LMC_CHECK
#include "tensorio/dtype.h"  // bf16_from_float, f16_from_float

namespace lmc::exporting {

namespace {

constexpr int64_t kAlignment = 32;
constexpr uint32_t kVersion = 3;

// Types of values.
constexpr uint32_t kUint32 = 4, kInt32 = 5, kFloat32 = 6, kBool = 7, kString = 8, kArray = 9;

template <class Number>
void append(std::string& bytes, Number number) {
  const size_t at = bytes.size();
  bytes.resize(at + sizeof number);
  std::memcpy(bytes.data() + at, &number, sizeof number);
}

void append_text(std::string& bytes, std::string_view text) {
  append<uint64_t>(bytes, text.size());
  bytes += text;
}

int64_t round_up(int64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

bool is_of_blocks(GgufType type) { return type == GgufType::kQ4_0 || type == GgufType::kQ8_0; }

void put_half(std::byte* out, uint16_t half) { std::memcpy(out, &half, 2); }

// The largest becomes 127; ties are rounded away from zero.
void encode_q8_0(const float* block, std::byte* out) {
  float largest = 0;
  for (int64_t i = 0; i < kGgufBlock; ++i) largest = std::max(largest, std::abs(block[i]));
  const float scale = largest / 127;
  const float inverse = scale != 0 ? 1 / scale : 0;
  put_half(out, tensorio::f16_from_float(scale));
  for (int64_t i = 0; i < kGgufBlock; ++i) {
    out[2 + i] = static_cast<std::byte>(static_cast<int8_t>(std::round(block[i] * inverse)));
  }
}

// The first one that is largest by size becomes -8.
void encode_q4_0(const float* block, std::byte* out) {
  float largest = 0;
  for (int64_t i = 0; i < kGgufBlock; ++i) {
    if (std::abs(block[i]) > std::abs(largest)) largest = block[i];
  }
  const float scale = largest / -8;
  const float inverse = scale != 0 ? 1 / scale : 0;
  put_half(out, tensorio::f16_from_float(scale));
  const auto quantised = [&](int64_t i) {
    const float value = block[i] * inverse;
    return static_cast<uint8_t>(std::min(15, static_cast<int>(value + 8.5F)));
  };
  for (int64_t i = 0; i < kGgufBlock / 2; ++i) {
    out[2 + i] = static_cast<std::byte>(quantised(i) | quantised(i + kGgufBlock / 2) << 4);
  }
}

}  // namespace

int64_t gguf_row_bytes(GgufType type, int64_t width) {
  LMC_CHECK(!is_of_blocks(type) || width % kGgufBlock == 0, "a row of ", width);
  switch (type) {
    case GgufType::kF32:
      return 4 * width;
    case GgufType::kF16:
    case GgufType::kBF16:
      return 2 * width;
    case GgufType::kQ8_0:
      return width / kGgufBlock * (2 + kGgufBlock);
    case GgufType::kQ4_0:
      return width / kGgufBlock * (2 + kGgufBlock / 2);
  }
  LMC_CHECK(false, "no such type");
}

void gguf_encode_row(GgufType type, std::span<const float> row, std::span<std::byte> out) {
  const auto width = std::ssize(row);
  LMC_CHECK(std::ssize(out) == gguf_row_bytes(type, width));
  switch (type) {
    case GgufType::kF32:
      std::memcpy(out.data(), row.data(), out.size());
      return;
    case GgufType::kF16:
      for (size_t i = 0; i < row.size(); ++i) {
        put_half(&out[2 * i], tensorio::f16_from_float(row[i]));
      }
      return;
    case GgufType::kBF16:
      for (size_t i = 0; i < row.size(); ++i) {
        put_half(&out[2 * i], tensorio::bf16_from_float(row[i]));
      }
      return;
    case GgufType::kQ8_0:
    case GgufType::kQ4_0:
      const int64_t block_bytes = gguf_row_bytes(type, kGgufBlock);
      for (int64_t block = 0; block < width / kGgufBlock; ++block) {
        const float* in = row.data() + block * kGgufBlock;
        std::byte* to = out.data() + block * block_bytes;
        type == GgufType::kQ8_0 ? encode_q8_0(in, to) : encode_q4_0(in, to);
      }
  }
}

void GgufMetadata::begin(std::string_view key, uint32_t type) {
  append_text(bytes_, key);
  append(bytes_, type);
  ++count_;
}

void GgufMetadata::begin_array(std::string_view key, uint32_t type, size_t count) {
  begin(key, kArray);
  append(bytes_, type);
  append<uint64_t>(bytes_, count);
}

void GgufMetadata::add(std::string_view key, std::string_view text) {
  begin(key, kString);
  append_text(bytes_, text);
}

void GgufMetadata::add_uint32(std::string_view key, int64_t value) {
  LMC_CHECK(value >= 0 && value <= UINT32_MAX, key, " is ", value);
  begin(key, kUint32);
  append(bytes_, static_cast<uint32_t>(value));
}

void GgufMetadata::add_float32(std::string_view key, double value) {
  begin(key, kFloat32);
  append(bytes_, static_cast<float>(value));
}

void GgufMetadata::add_bool(std::string_view key, bool value) {
  begin(key, kBool);
  append(bytes_, static_cast<uint8_t>(value));
}

void GgufMetadata::add_strings(std::string_view key, std::span<const std::string> values) {
  begin_array(key, kString, values.size());
  for (const std::string& value : values) append_text(bytes_, value);
}

void GgufMetadata::add_int32s(std::string_view key, std::span<const int32_t> values) {
  begin_array(key, kInt32, values.size());
  for (const int32_t value : values) append(bytes_, value);
}

void GgufMetadata::add_float32s(std::string_view key, std::span<const float> values) {
  begin_array(key, kFloat32, values.size());
  for (const float value : values) append(bytes_, value);
}

void GgufMetadata::add_bools(std::string_view key, const std::vector<bool>& values) {
  begin_array(key, kBool, values.size());
  for (const bool value : values) append(bytes_, static_cast<uint8_t>(value));
}

int64_t GgufTensor::num_rows() const {
  int64_t rows = 1;
  for (size_t i = 0; i + 1 < shape.size(); ++i) rows *= shape[i];
  return rows;
}

GgufWriter::GgufWriter(const std::string& path, const GgufMetadata& metadata,
                       std::vector<GgufTensor> tensors)
    : file_(path), tensors_(std::move(tensors)) {
  std::string head = "GGUF";
  append(head, kVersion);
  append<uint64_t>(head, tensors_.size());
  append(head, metadata.count());
  head += metadata.bytes();
  int64_t offset = 0;  // from the end of the head
  for (const GgufTensor& tensor : tensors_) {
    append_text(head, tensor.name);
    append(head, static_cast<uint32_t>(tensor.shape.size()));
    for (size_t i = tensor.shape.size(); i-- > 0;) {
      append(head, static_cast<uint64_t>(tensor.shape[i]));
    }
    append(head, static_cast<uint32_t>(tensor.type));
    append(head, static_cast<uint64_t>(offset));
    offset = round_up(offset + tensor.num_bytes());
  }
  file_.write(head);
  offset_ = std::ssize(head);
  pad();
}

void GgufWriter::pad() {
  const int64_t padded = round_up(offset_);
  file_.write(std::string(static_cast<size_t>(padded - offset_), '\0'));
  offset_ = padded;
}

void GgufWriter::write(std::span<const std::byte> bytes) {
  LMC_CHECK(tensor_ < tensors_.size());
  file_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  offset_ += std::ssize(bytes);
  written_ += std::ssize(bytes);
  const int64_t expected = tensors_[tensor_].num_bytes();
  LMC_CHECK(written_ <= expected, tensors_[tensor_].name, " has ", written_, " bytes, not ",
            expected);
  if (written_ < expected) return;
  pad();
  ++tensor_;
  written_ = 0;
}

void GgufWriter::finish() {
  LMC_CHECK(tensor_ == tensors_.size(), tensors_.size() - tensor_, " tensors are missing");
  file_.commit();
}

}  // namespace lmc::exporting
