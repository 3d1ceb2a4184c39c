#include "base/device_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <limits>

#include "base/check.h"       // InputError, LMC_CHECK
#include "base/input_file.h"  // InputFile
#include "base/stand_in.h"    // stand_in_of

namespace lmc {

namespace {

// As PNG's: a byte above 127, both line breaks and an end-of-text mark, so that a transfer as text
// is seen.
constexpr std::string_view kHeadMagic = "\x89LMCD\r\n\x1a";
constexpr std::string_view kTailMagic = "LMCD end";
constexpr size_t kHeadBytes = 64;
constexpr size_t kTailBytes = 64;
constexpr size_t kDigestBytes = 32;
// A tensor begins where a page of memory may begin, so that large pages and page-wise release work;
// a small file where a cache line does.
constexpr int64_t kTensorAlignment = 4096;
constexpr int64_t kFileAlignment = 64;
constexpr uint64_t kMaxDirectoryBytes = 100'000'000;

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void put_u64(std::byte* out, uint64_t value) {
  for (size_t i = 0; i < 8; ++i) out[i] = static_cast<std::byte>(value >> (8 * i));
}

uint64_t get_u64(const std::byte* in) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) value |= std::to_integer<uint64_t>(in[i]) << (8 * i);
  return value;
}

std::string hex_of(std::span<const std::byte> digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : digest) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::array<std::byte, kDigestBytes> bytes_of_hex(const std::string& hex) {
  std::array<std::byte, kDigestBytes> digest;
  for (size_t i = 0; i < kDigestBytes; ++i) {
    digest[i] = static_cast<std::byte>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  }
  return digest;
}

constexpr const char* kFetchAgain = "the file was cut short or damaged; fetch it again";

// The directory's text, once head and tail are what they should be.
std::string_view directory_of(std::span<const std::byte> file, const std::string& path) {
  const std::string_view text = as_text(file);
  if (!text.starts_with(kHeadMagic)) {
    if (const auto found = stand_in_of(text.substr(0, 256))) {
      throw InputError(path, cat("expected a device file, found ", found->what), found->hint);
    }
    throw InputError(path, "expected a device file (.lmcd); it begins otherwise");
  }
  if (file.size() < kHeadBytes + kTailBytes) {
    throw InputError(path, cat("has ", file.size(), " bytes, too few for a device file"),
                     kFetchAgain);
  }
  const uint64_t version = get_u64(file.data() + kHeadMagic.size());
  if (version != static_cast<uint64_t>(kDeviceFileVersion)) {
    throw InputError(path,
                     cat("device file of version ", version, "; this program reads version ",
                         kDeviceFileVersion),
                     "export the model anew with this program");
  }
  const std::span<const std::byte> tail = file.last(kTailBytes);
  if (!as_text(tail).ends_with(kTailMagic)) {
    throw InputError(path, cat("its ", file.size(), " bytes do not end as a device file does"),
                     kFetchAgain);
  }
  const uint64_t offset = get_u64(tail.data()), bytes = get_u64(tail.data() + 8);
  const uint64_t end = file.size() - kTailBytes;
  if (bytes > kMaxDirectoryBytes || bytes > end || offset != end - bytes) {
    throw InputError(path,
                     cat("its directory is said to be bytes ", offset, " to ", offset + bytes,
                         ", but ends at ", end),
                     kFetchAgain);
  }
  const std::string_view directory =
      text.substr(static_cast<size_t>(offset), static_cast<size_t>(bytes));
  if (sha256_hex(directory) != hex_of(tail.subspan(16, kDigestBytes))) {
    throw InputError(path, "its directory does not have its checksum", kFetchAgain);
  }
  return directory;
}

}  // namespace

bool DeviceFile::is_one(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::string beginning(kHeadMagic.size(), '\0');
  InputFile file(path);
  return file.read(beginning.data(), beginning.size()) == beginning.size() &&
         beginning == kHeadMagic;
}

DeviceFile::DeviceFile(const std::string& path) : file_(path) {
  const std::string where = cat(path, ": directory");
  const Json directory = parse_json(directory_of(file_.bytes(), path), where);
  const auto section = [&](const char* key) -> const Json& {
    const auto found = directory.is_object() ? directory.find(key) : directory.end();
    if (found == directory.end() || !found->is_object()) {
      throw InputError(where, cat("key \"", key, "\": expected an object"));
    }
    return *found;
  };
  for (const auto& [name, entry] : section("files").items()) {
    files_[name] = read_part(entry, cat(path, ": file ", to_text(Json(name))));
  }
  for (const auto& [name, entry] : section("tensors").items()) {
    const std::string at = cat(path, ": tensor ", to_text(Json(name)));
    const Part part = read_part(entry, at);
    DeviceTensor& tensor = tensors_[name];
    tensor.bytes = part.bytes;
    tensor.info = {name, json_get<std::string>(entry, "form", at),
                   json_get<std::vector<int64_t>>(entry, "shape", at),
                   json_get_or<int64_t>(entry, "group", at, 0)};
    for (const int64_t side : tensor.info.shape) {
      if (side < 1) throw InputError(at, cat("a side of its shape is ", side));
    }
    parts_[name] = part;
  }
  metadata_ = section("metadata");
  check_overlaps();
}

DeviceFile::Part DeviceFile::read_part(const Json& entry, const std::string& where) const {
  const auto offset = json_get<int64_t>(entry, "offset", where);
  const auto bytes = json_get<int64_t>(entry, "bytes", where);
  const auto size = static_cast<int64_t>(file_.bytes().size());
  if (offset < static_cast<int64_t>(kHeadBytes) || offset % kFileAlignment != 0 || bytes < 0 ||
      offset > size || bytes > size - offset) {
    throw InputError(where, cat("is said to be ", bytes, " bytes at ", offset,
                                ", which is no place in a file of ", size, " bytes"));
  }
  return {file_.bytes().subspan(static_cast<size_t>(offset), static_cast<size_t>(bytes)),
          json_get<std::string>(entry, "sha256", where)};
}

void DeviceFile::check_overlaps() const {
  std::vector<std::span<const std::byte>> all;
  for (const auto& [name, part] : files_) all.push_back(part.bytes);
  for (const auto& [name, part] : parts_) all.push_back(part.bytes);
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.data() < b.data(); });
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i - 1].data() + all[i - 1].size() > all[i].data()) {
      throw InputError(file_.path(), "two of its parts overlap");
    }
  }
}

std::vector<std::string> DeviceFile::file_names() const {
  std::vector<std::string> names;
  for (const auto& [name, part] : files_) names.push_back(name);
  return names;
}

std::optional<std::string> DeviceFile::find(const std::string& name) const {
  const auto found = files_.find(name);
  if (found == files_.end()) return std::nullopt;
  const std::string_view text = as_text(found->second.bytes);
  if (sha256_hex(text) != found->second.sha256) {
    throw InputError(path_of(name), "does not have its checksum", kFetchAgain);
  }
  return std::string(text);
}

std::string DeviceFile::path_of(const std::string& name) const {
  return cat(file_.path(), ": ", name);
}

void DeviceFile::verify() const {
  const auto check = [&](const std::map<std::string, Part>& parts, std::string_view what) {
    for (const auto& [name, part] : parts) {
      if (sha256_hex(as_text(part.bytes)) != part.sha256) {
        throw InputError(cat(file_.path(), ": ", what, " ", to_text(Json(name))),
                         "does not have its checksum", kFetchAgain);
      }
    }
  };
  check(files_, "file");
  check(parts_, "tensor");
}

DeviceFileWriter::DeviceFileWriter(const std::string& path) : file_(path) {
  std::array<std::byte, kHeadBytes> head{};
  std::memcpy(head.data(), kHeadMagic.data(), kHeadMagic.size());
  put_u64(head.data() + kHeadMagic.size(), static_cast<uint64_t>(kDeviceFileVersion));
  file_.write(head);
  offset_ = kHeadBytes;
}

void DeviceFileWriter::pad_to(int64_t alignment) {
  const std::string zeros(static_cast<size_t>((alignment - offset_ % alignment) % alignment), '\0');
  file_.write(zeros);
  offset_ += static_cast<int64_t>(zeros.size());
}

void DeviceFileWriter::begin_part(int64_t alignment) {
  pad_to(alignment);
  part_offset_ = offset_;
  part_hash_.emplace();
}

Json DeviceFileWriter::end_part() {
  const std::string sha256 = part_hash_->hex();
  part_hash_.reset();
  return {{"offset", part_offset_}, {"bytes", offset_ - part_offset_}, {"sha256", sha256}};
}

void DeviceFileWriter::end_tensor() {
  if (!open_tensor_) return;
  Json entry = {{"form", open_tensor_->form}, {"shape", open_tensor_->shape}};
  if (open_tensor_->group > 0) entry["group"] = open_tensor_->group;
  entry.update(end_part());
  tensors_[open_tensor_->name] = std::move(entry);
  open_tensor_.reset();
}

void DeviceFileWriter::add_file(const std::string& name, std::string_view bytes) {
  end_tensor();
  LMC_CHECK(!files_.contains(name), name, " is added twice");
  begin_part(kFileAlignment);
  write(std::as_bytes(std::span(bytes)));
  files_[name] = end_part();
}

void DeviceFileWriter::begin_tensor(const DeviceTensorInfo& info) {
  end_tensor();
  LMC_CHECK(!tensors_.contains(info.name), info.name, " is written twice");
  begin_part(kTensorAlignment);
  open_tensor_ = info;
}

void DeviceFileWriter::write(std::span<const std::byte> bytes) {
  LMC_CHECK(part_hash_.has_value(), "bytes that belong to no part");
  part_hash_->update(as_text(bytes));
  file_.write(bytes);
  offset_ += static_cast<int64_t>(bytes.size());
}

void DeviceFileWriter::finish(const Json& metadata) {
  end_tensor();
  pad_to(kFileAlignment);
  const std::string directory =
      to_text({{"metadata", metadata}, {"files", files_}, {"tensors", tensors_}});
  file_.write(directory);
  std::array<std::byte, kTailBytes> tail{};
  put_u64(tail.data(), static_cast<uint64_t>(offset_));
  put_u64(tail.data() + 8, directory.size());
  const auto digest = bytes_of_hex(sha256_hex(directory));
  std::copy(digest.begin(), digest.end(), tail.begin() + 16);
  std::memcpy(tail.data() + kTailBytes - kTailMagic.size(), kTailMagic.data(), kTailMagic.size());
  file_.write(tail);
  file_.commit();
}

void add_files(const std::string& from, const std::string& to,
               const std::map<std::string, std::string>& files) {
  const DeviceFile source(from);
  DeviceFileWriter writer(to);
  for (const std::string& name : source.file_names()) {
    if (!files.contains(name)) writer.add_file(name, *source.find(name));
  }
  for (const auto& [name, bytes] : files) writer.add_file(name, bytes);
  for (const auto& [name, tensor] : source.tensors()) {
    writer.begin_tensor(tensor.info);
    writer.write(tensor.bytes);
    source.release_pages();
  }
  writer.finish(source.metadata());
}

}  // namespace lmc
