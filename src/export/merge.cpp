#include "export/merge.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <vector>

#include "base/check.h"            // InputError
#include "base/file_lock.h"        // FileLock
#include "base/files.h"            // file_exists, make_folder
#include "base/parallel.h"         // parallel_for
#include "base/partial_files.h"    // partial_path
#include "spec/adapter.h"          // Adapter
#include "spec/companion_files.h"  // copy_companion_files, copy_config
#include "spec/model_config.h"     // read_model_config
#include "spec/stored_tensors.h"   // stored_tensors, config_for
#include "spec/tensor_table.h"     // tensor_table
#include "tensorio/finite.h"       // check_finite, first_not_finite
#include "tensorio/float_value.h"  // float_value
#include "tensorio/safetensors.h"  // Checkpoint, SafetensorsWriter

namespace lmc::exporting {

namespace {

using tensorio::Dtype;
using tensorio::TensorView;

constexpr size_t kRowsAtOnce = 64;

// `count` elements from the `first` one on.
void dequantise(const TensorView& view, size_t first, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = tensorio::float_value(view, first + i);
}

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

void check_is_float(const TensorView& view, const std::string& where) {
  const Dtype dtype = view.info.dtype;
  if (dtype == Dtype::kF32 || dtype == Dtype::kBF16 || dtype == Dtype::kF16) return;
  throw InputError(where, cat("expected F32, BF16 or F16, found ", tensorio::dtype_name(dtype)));
}

// What the adapter adds to one layer's weight.
struct Correction {
  std::vector<float> a_RI, b_OR;
  std::vector<float> magnitude_O;  // of DoRA; empty: none
  size_t rank = 0;
  float scale = 0;
};

std::vector<float> read_values(const TensorView& view) {
  std::vector<float> values(static_cast<size_t>(view.info.num_elements()));
  dequantise(view, 0, values.size(), values.data());
  return values;
}

// By the corrected weight's name.
std::map<std::string, Correction> read_corrections(const std::string& folder,
                                                   const spec::ModelConfig& model) {
  const spec::Adapter adapter(folder, model);
  std::map<std::string, Correction> corrections;
  for (const spec::AdapterLayer& layer : adapter.layers()) {
    Correction& correction = corrections[layer.path + ".weight"];
    correction.a_RI = read_values(*layer.a);
    correction.b_OR = read_values(*layer.b);
    if (layer.magnitude) correction.magnitude_O = read_values(*layer.magnitude);
    correction.rank = static_cast<size_t>(layer.rank);
    correction.scale = static_cast<float>(layer.scale);
  }
  return corrections;
}

// row += s B[o] A, then, with DoRA, scaled to its magnitude; returns the largest change.
double correct_row(const Correction& correction, size_t o, size_t width, float* row) {
  std::vector<float> change(width);
  for (size_t r = 0; r < correction.rank; ++r) {
    const float factor = correction.scale * correction.b_OR[o * correction.rank + r];
    const float* a = &correction.a_RI[r * width];
    for (size_t i = 0; i < width; ++i) change[i] += factor * a[i];
  }
  float factor = 1;
  if (!correction.magnitude_O.empty()) {
    double square = 0;
    for (size_t i = 0; i < width; ++i) {
      const double value = row[i] + change[i];
      square += value * value;
    }
    factor = square > 0 ? static_cast<float>(correction.magnitude_O[o] / std::sqrt(square)) : 0;
  }
  double largest = 0;
  for (size_t i = 0; i < width; ++i) {
    const float corrected = factor * (row[i] + change[i]);
    largest = std::max(largest, static_cast<double>(std::abs(corrected - row[i])));
    row[i] = corrected;
  }
  return largest;
}

// The tensor's bytes in `dtype`, corrected where there is a correction.
std::vector<std::byte> converted(const TensorView& view, Dtype dtype, const Correction* correction,
                                 double& largest_change) {
  const auto count = static_cast<size_t>(view.info.num_elements());
  const size_t width = view.info.shape.empty() ? 1 : static_cast<size_t>(view.info.shape.back());
  const size_t rows = count / width;
  const size_t size = static_cast<size_t>(tensorio::dtype_bytes(dtype));
  std::vector<std::byte> bytes(count * size);
  const size_t pieces = (rows + kRowsAtOnce - 1) / kRowsAtOnce;
  std::vector<double> changes(pieces, 0);
  parallel_for(pieces, [&](size_t piece) {
    std::vector<float> row(width);
    const size_t end = std::min(rows, (piece + 1) * kRowsAtOnce);
    for (size_t o = piece * kRowsAtOnce; o < end; ++o) {
      dequantise(view, o * width, width, row.data());
      if (correction) {
        changes[piece] = std::max(changes[piece], correct_row(*correction, o, width, row.data()));
      }
      narrow(row.data(), width, dtype, bytes.data() + o * width * size);
    }
  });
  for (const double change : changes) largest_change = std::max(largest_change, change);
  return bytes;
}

void check_is_new(const std::string& out) {
  if (file_exists(out)) throw InputError(out, "is there already", "name a new folder with --out");
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
  const spec::ModelConfig said = spec::read_model_config(options.model);
  const tensorio::Checkpoint checkpoint(options.model);
  spec::StoredTensors stored = spec::stored_tensors(checkpoint);
  const spec::ModelConfig config = spec::config_for(said, stored);
  const std::map<std::string, Correction> corrections =
      options.adapter.empty() ? std::map<std::string, Correction>()
                              : read_corrections(options.adapter, config);

  std::vector<tensorio::TensorInfo> infos;
  for (const spec::TensorSpec& tensor : spec::tensor_table(config)) {
    const auto found = stored.find(tensor.name);
    if (found == stored.end()) {
      throw InputError(options.model, cat("tensor ", tensor.name, " is missing"));
    }
    const auto& [view, where] = found->second;
    check_is_float(*view, where);
    if (view->info.shape != tensor.shape) {
      throw InputError(where, "has another shape than config.json says");
    }
    infos.push_back({tensor.name, options.dtype.value_or(view->info.dtype), tensor.shape});
  }

  make_parent_folder(options.out);
  const FileLock lock(options.out + ".lock", options.out);
  check_is_new(options.out);  // again: another process may have made it before the lock was ours
  remove_partial_files_of(options.out);
  TemporaryFolder folder(partial_path(options.out, 0));
  tensorio::SafetensorsWriter writer(folder.path() + "/model.safetensors", infos,
                                     {{"format", "pt"}});
  Merged merged;
  for (const tensorio::TensorInfo& info : infos) {
    const auto correction = corrections.find(info.name);
    const Correction* found = correction == corrections.end() ? nullptr : &correction->second;
    const auto& [view, where] = stored.at(info.name);
    tensorio::check_finite(*view, where);
    const auto bytes = converted(*view, info.dtype, found, merged.largest_change);
    if (tensorio::first_not_finite(bytes, info.dtype)) {
      throw InputError(where, cat("does not fit into ", tensorio::dtype_name(info.dtype)),
                       "a wider --dtype; nothing was written");
    }
    writer.write(bytes);
    checkpoint.release_pages();
    merged.corrected += found ? 1 : 0;
    // Bfloat16 has the fewest digits.
    if (info.dtype == Dtype::kBF16 || merged.dtype == Dtype::kF32) merged.dtype = info.dtype;
    on_tensor(++merged.tensors, static_cast<int64_t>(infos.size()));
  }
  writer.finish();
  spec::copy_companion_files(options.model, folder.path());
  spec::copy_config(options.model, folder.path(), config, merged.dtype);
  check(folder.path(), merged);
  folder.keep_as(options.out);
  return merged;
}

}  // namespace lmc::exporting
