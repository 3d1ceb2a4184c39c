#include "export/merge.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/check.h"             // InputError
#include "base/files.h"             // make_folder
#include "base/new_output.h"        // check_is_new, NewOutput
#include "base/parallel.h"          // parallel_for
#include "base/partial_files.h"     // partial_path
#include "export/merged_tensors.h"  // MergedTensors
#include "spec/companion_files.h"   // copy_companion_files, copy_config
#include "tensorio/finite.h"        // first_not_finite
#include "tensorio/safetensors.h"   // SafetensorsWriter

namespace lmc::exporting {

namespace {

using tensorio::Dtype;

constexpr int64_t kRowsAtOnce = 64;

void narrow(const float* values, size_t count, Dtype dtype, std::byte* out) {
  for (size_t i = 0; i < count; ++i) {
    if (dtype == Dtype::kF32) {
      std::memcpy(out + 4 * i, &values[i], 4);
      continue;
    }
    const uint16_t half = dtype == Dtype::kBF16 ? tensorio::bf16_from_float(values[i])
                                                : tensorio::f16_from_float(values[i]);
    std::memcpy(out + 2 * i, &half, 2);
  }
}

// The tensor's bytes in `dtype`, with what the adapter adds.
std::vector<std::byte> converted(const MergedTensors& source, const spec::TensorSpec& tensor,
                                 Dtype dtype, double& largest_change) {
  const int64_t width = MergedTensors::row_width(tensor), rows = MergedTensors::num_rows(tensor);
  const int64_t size = tensorio::dtype_bytes(dtype);
  std::vector<std::byte> bytes(static_cast<size_t>(rows * width * size));
  const int64_t pieces = (rows + kRowsAtOnce - 1) / kRowsAtOnce;
  std::vector<double> changes(static_cast<size_t>(pieces), 0);
  parallel_for(changes.size(), [&](size_t piece) {
    const int64_t first = static_cast<int64_t>(piece) * kRowsAtOnce;
    const int64_t count = std::min(kRowsAtOnce, rows - first);
    std::vector<float> values(static_cast<size_t>(count * width));
    changes[piece] = source.read_rows(tensor, first, count, values.data());
    narrow(values.data(), values.size(), dtype, bytes.data() + first * width * size);
  });
  for (const double change : changes) largest_change = std::max(largest_change, change);
  return bytes;
}

// Removes the folder unless it was kept.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {
    std::filesystem::remove_all(path_);
    make_folder(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  void keep_as(const std::string& name) {
    std::filesystem::rename(path_, name);
    path_.clear();
  }

 private:
  std::string path_;
};

}  // namespace

Merged merge(const MergeOptions& options, const std::function<void(int64_t, int64_t)>& on_tensor,
             const std::function<void(const std::string& folder, const Merged&)>& check) {
  check_is_new(options.out);
  const MergedTensors source(options.model, options.adapter);
  std::vector<tensorio::TensorInfo> infos;
  for (const spec::TensorSpec& tensor : source.tensors()) {
    infos.push_back({tensor.name, options.dtype.value_or(source.stored_as(tensor)), tensor.shape});
  }

  const NewOutput ours(options.out);
  TemporaryFolder folder(partial_path(options.out, 0));
  tensorio::SafetensorsWriter writer(folder.path() + "/model.safetensors", infos,
                                     {{"format", "pt"}});
  Merged merged;
  for (size_t i = 0; i < infos.size(); ++i) {
    const spec::TensorSpec& tensor = source.tensors()[i];
    const Dtype dtype = infos[i].dtype;
    source.check_finite(tensor);
    const auto bytes = converted(source, tensor, dtype, merged.largest_change);
    if (tensorio::first_not_finite(bytes, dtype)) {
      throw InputError(source.where(tensor), cat("does not fit into ", tensorio::dtype_name(dtype)),
                       "a wider --dtype; nothing was written");
    }
    writer.write(bytes);
    source.release_pages();
    merged.corrected += source.is_corrected(tensor) ? 1 : 0;
    // Bfloat16 has the fewest digits.
    if (dtype == Dtype::kBF16 || merged.dtype == Dtype::kF32) merged.dtype = dtype;
    on_tensor(++merged.tensors, static_cast<int64_t>(infos.size()));
  }
  writer.finish();
  spec::copy_companion_files(options.model, folder.path());
  spec::copy_config(options.model, folder.path(), source.config(), merged.dtype);
  check(folder.path(), merged);
  folder.keep_as(options.out);
  return merged;
}

}  // namespace lmc::exporting
