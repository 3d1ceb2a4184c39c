#include "tensorio/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "base/check.h"            // InputError, LMC_CHECK
#include "base/stand_in.h"         // stand_in_of
#include "tensorio/shape_text.h"   // shape_text
#include "tensorio/strict_json.h"  // parse_strict_json

namespace lmc::tensorio {

namespace {

// The reference reader's limit. A larger header is damage, not data.
constexpr uint64_t kMaxHeaderBytes = 100'000'000;
constexpr size_t kSizeBytes = 8;

// The product of a shape and an element size, or nothing when it does not fit.
std::optional<int64_t> product(const std::vector<int64_t>& shape, int64_t factor) {
  int64_t result = factor;
  for (const int64_t side : shape) {
    if (side < 0 || __builtin_mul_overflow(result, side, &result)) return std::nullopt;
  }
  return result;
}

std::string_view header_of(std::span<const std::byte> file, const std::string& path) {
  constexpr size_t kBeginning = 256;
  const std::string_view beginning(reinterpret_cast<const char*>(file.data()),
                                   std::min(file.size(), kBeginning));
  if (const auto found = stand_in_of(beginning)) {
    throw InputError(path, cat("expected a safetensors file, found ", found->what), found->hint);
  }
  if (file.size() < kSizeBytes) {
    throw InputError(
        path, cat("expected a safetensors file, found ", file.size(), " bytes, too few for one"));
  }
  uint64_t header_bytes = 0;
  for (size_t i = 0; i < kSizeBytes; ++i) {
    header_bytes |= std::to_integer<uint64_t>(file[i]) << (8 * i);
  }
  const uint64_t available = file.size() - kSizeBytes;
  if (header_bytes > kMaxHeaderBytes) {
    throw InputError(
        path,
        cat("byte 0: header size is ", header_bytes, ", more than the format's ", kMaxHeaderBytes),
        "is this a safetensors file?");
  }
  if (header_bytes > available) {
    throw InputError(
        path,
        cat("byte 0: header size is ", header_bytes, ", but only ", available, " bytes follow"),
        "the file was cut short; fetch it again");
  }
  return {reinterpret_cast<const char*>(file.data()) + kSizeBytes,
          static_cast<size_t>(header_bytes)};
}

// Reads a list of whole numbers that are 0 or more.
std::vector<int64_t> read_sizes(const SortedJson& list, const std::string& where,
                                std::string_view key) {
  if (!list.is_array()) throw InputError(where, cat(key, " is not a list"));
  std::vector<int64_t> sizes;
  for (const SortedJson& item : list) {
    constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (!item.is_number_unsigned() || item.get<uint64_t>() > kMax) {
      throw InputError(where, cat(key, " holds ", item.dump(-1, ' ', true),
                                  "; expected whole numbers from 0 on"));
    }
    sizes.push_back(item.get<int64_t>());
  }
  return sizes;
}

TensorView read_tensor(const std::string& name, const SortedJson& entry,
                       std::span<const std::byte> data, const std::string& path) {
  const std::string where = cat(path, ": tensor ", escaped(name));
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") ||
      !entry.contains("shape") || !entry.contains("data_offsets")) {
    throw InputError(where, "expected exactly dtype, shape and data_offsets");
  }
  if (!entry["dtype"].is_string()) throw InputError(where, "dtype is not a string");

  TensorInfo info;
  info.name = name;
  info.dtype = dtype_from_name(entry["dtype"].get<std::string>(), where);
  info.shape = read_sizes(entry["shape"], where, "shape");
  const std::vector<int64_t> offsets = read_sizes(entry["data_offsets"], where, "data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    throw InputError(where, "data_offsets is not [begin, end] with begin <= end");
  }
  if (offsets[1] > static_cast<int64_t>(data.size())) {
    throw InputError(where,
                     cat("data_offsets end at ", offsets[1], ", but the file holds ", data.size(),
                         " bytes of data"),
                     "the file was cut short; fetch it again");
  }
  const std::optional<int64_t> bytes = product(info.shape, dtype_bytes(info.dtype));
  if (!bytes)
    throw InputError(where, cat("shape ", shape_text(info.shape), " is impossibly large"));
  if (*bytes != offsets[1] - offsets[0]) {
    throw InputError(where, cat(dtype_name(info.dtype), " ", shape_text(info.shape), " takes ",
                                *bytes, " bytes, but data_offsets span ", offsets[1] - offsets[0]));
  }
  return {std::move(info),
          data.subspan(static_cast<size_t>(offsets[0]), static_cast<size_t>(*bytes))};
}

// Every byte of the data belongs to exactly one tensor.
void check_coverage(const std::map<std::string, TensorView>& tensors,
                    std::span<const std::byte> data, const std::string& path) {
  std::vector<const TensorView*> by_place;
  for (const auto& [name, tensor] : tensors) by_place.push_back(&tensor);
  const auto place = [](const TensorView* tensor) {
    return std::pair(tensor->bytes.data(), tensor->bytes.size());
  };
  std::sort(by_place.begin(), by_place.end(),
            [&](const auto* a, const auto* b) { return place(a) < place(b); });

  size_t covered = 0;
  for (const TensorView* tensor : by_place) {
    const size_t begin = static_cast<size_t>(tensor->bytes.data() - data.data());
    if (begin != covered) {
      throw InputError(cat(path, ": tensor ", escaped(tensor->info.name)),
                       begin < covered
                           ? cat("begins at byte ", begin,
                                 " inside the tensor before it, which ends at ", covered)
                           : cat("begins at byte ", begin, ", but the tensor before it ends at ",
                                 covered, ": a gap"));
    }
    covered += tensor->bytes.size();
  }
  if (covered != data.size()) {
    throw InputError(path, cat(data.size() - covered, " bytes follow the last tensor"));
  }
}

}  // namespace

int64_t TensorInfo::num_elements() const {
  const std::optional<int64_t> count = product(shape, 1);
  LMC_CHECK(count.has_value(), name, " has shape ", shape_text(shape));
  return *count;
}

int64_t TensorInfo::num_bytes() const {
  const std::optional<int64_t> bytes = product(shape, dtype_bytes(dtype));
  LMC_CHECK(bytes.has_value(), name, " has shape ", shape_text(shape));
  return *bytes;
}

SafetensorsFile::SafetensorsFile(const std::string& path) : file_(path) {
  const std::string_view header_text = header_of(file_.bytes(), path);
  const std::span<const std::byte> data = file_.bytes().subspan(kSizeBytes + header_text.size());
  const SortedJson header = parse_strict_json(header_text, cat(path, ": header"));
  if (!header.is_object()) throw InputError(path, "header: expected an object of tensors");

  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") {
      tensors_.emplace(name, read_tensor(name, entry, data, path));
      continue;
    }
    if (!entry.is_object()) throw InputError(path, "header: __metadata__ is not an object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) {
        throw InputError(path, cat("header: __metadata__ ", escaped(key), " is not a string"));
      }
      metadata_.emplace(key, value.get<std::string>());
    }
  }
  check_coverage(tensors_, data, path);
}

}  // namespace lmc::tensorio
