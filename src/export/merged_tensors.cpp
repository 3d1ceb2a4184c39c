#include "export/merged_tensors.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"            // InputError
#include "spec/adapter.h"          // Adapter
#include "spec/model_folder.h"     // check_model_folder
#include "tensorio/finite.h"       // check_finite
#include "tensorio/float_value.h"  // float_value

namespace lmc::exporting {

namespace {

using tensorio::Dtype;
using tensorio::TensorView;

// `count` elements from the `first` one on.
void dequantise(const TensorView& view, size_t first, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = tensorio::float_value(view, first + i);
}

std::vector<float> read_values(const TensorView& view) {
  std::vector<float> values(static_cast<size_t>(view.info.num_elements()));
  dequantise(view, 0, values.size(), values.data());
  return values;
}

void check_is_float(const TensorView& view, const std::string& where) {
  const Dtype dtype = view.info.dtype;
  if (dtype == Dtype::kF32 || dtype == Dtype::kBF16 || dtype == Dtype::kF16) return;
  throw InputError(where, cat("expected F32, BF16 or F16, found ", tensorio::dtype_name(dtype)));
}

spec::ModelConfig read_config(const std::string& model) {
  spec::check_model_folder(model);
  return spec::read_model_config(model);
}

}  // namespace

MergedTensors::MergedTensors(const std::string& model, const std::string& adapter)
    : config_(read_config(model)), checkpoint_(model), stored_(spec::stored_tensors(checkpoint_)) {
  config_ = spec::config_for(config_, stored_);
  tensors_ = spec::tensor_table(config_);
  if (!adapter.empty()) read_corrections(adapter);
  for (const spec::TensorSpec& tensor : tensors_) {
    const auto found = stored_.find(tensor.name);
    if (found == stored_.end()) {
      throw InputError(model, cat("tensor ", tensor.name, " is missing"));
    }
    const auto& [view, where] = found->second;
    check_is_float(*view, where);
    if (view->info.shape != tensor.shape) {
      throw InputError(where, "has another shape than config.json says");
    }
  }
}

void MergedTensors::read_corrections(const std::string& folder) {
  const spec::Adapter adapter(folder, config_);
  for (const spec::AdapterLayer& layer : adapter.layers()) {
    Correction& correction = corrections_[layer.path + ".weight"];
    correction.a_RI = read_values(*layer.a);
    correction.b_OR = read_values(*layer.b);
    if (layer.magnitude) correction.magnitude_O = read_values(*layer.magnitude);
    correction.rank = static_cast<size_t>(layer.rank);
    correction.scale = static_cast<float>(layer.scale);
  }
}

Dtype MergedTensors::stored_as(const spec::TensorSpec& tensor) const {
  return stored_.at(tensor.name).view->info.dtype;
}

bool MergedTensors::is_corrected(const spec::TensorSpec& tensor) const {
  return corrections_.contains(tensor.name);
}

std::string MergedTensors::where(const spec::TensorSpec& tensor) const {
  return stored_.at(tensor.name).where;
}

int64_t MergedTensors::num_rows(const spec::TensorSpec& tensor) {
  return tensor.shape.size() < 2 ? 1 : tensor.shape.front();
}

int64_t MergedTensors::row_width(const spec::TensorSpec& tensor) {
  return tensor.num_elements() / num_rows(tensor);
}

void MergedTensors::check_finite(const spec::TensorSpec& tensor) const {
  const spec::StoredTensor& stored = stored_.at(tensor.name);
  tensorio::check_finite(*stored.view, stored.where);
}

double MergedTensors::read_rows(const spec::TensorSpec& tensor, int64_t first, int64_t count,
                                float* values) const {
  const TensorView& view = *stored_.at(tensor.name).view;
  const auto width = static_cast<size_t>(row_width(tensor));
  const auto begin = static_cast<size_t>(first), rows = static_cast<size_t>(count);
  dequantise(view, begin * width, rows * width, values);
  const auto correction = corrections_.find(tensor.name);
  if (correction == corrections_.end()) return 0;
  double largest = 0;
  for (size_t r = 0; r < rows; ++r) {
    largest =
        std::max(largest, correct_row(correction->second, begin + r, width, values + r * width));
  }
  return largest;
}

// row += s B[o] A, then, with DoRA, scaled to its magnitude; returns the largest change.
double MergedTensors::correct_row(const Correction& correction, size_t o, size_t width,
                                  float* row) {
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

}  // namespace lmc::exporting
