// A model and its adapter (merged_tensors.h) as one device file.
//
// Each matrix is packed for the kernels in a form chosen by its role; norms, biases and the
// tower's positions stay f32. One tensor is in memory at a time.
// Errors: InputError, also for an `out` that exists.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "export/merged_tensors.h"  // MergedTensors
#include "runtime/packed_matrix.h"  // MatrixLayout

namespace lmc::exporting {

struct DeviceExportOptions {
  std::string model;
  std::string adapter;  // empty: none
  std::string out;
  std::string weights = "int4";  // f32, bf16, int8 or int4
};

struct DeviceExported {
  int64_t tensors = 0;
  int64_t corrected = 0;      // layers
  double largest_change = 0;  // of a weight, by the adapter, in float32
  int64_t matrix_bytes = 0;
  int64_t matrix_elements = 0;
  // Of each kind of matrix, the root of the mean squared change that packing made, over that of the
  // weights.
  std::map<std::string, double> rounding;
};

// How a tensor's matrix is stored, or nothing for those that stay vectors of floats: decoder layers
// as `weights` says; the embedding, which is the output head as well, and the tower at no fewer
// than 8 bits; the embedding of patches at no fewer than 16.
std::optional<runtime::MatrixLayout> layout_for(const spec::TensorSpec& tensor,
                                                const std::string& weights);

// `check` sees the finished file under a temporary name and returns small files to be added; if it
// throws, nothing stays. `on_tensor` is called after each tensor with done and total.
DeviceExported export_device(const DeviceExportOptions& options,
                             const std::function<void(int64_t, int64_t)>& on_tensor,
                             const std::function<std::map<std::string, std::string>(
                                 const std::string& path, const DeviceExported&)>& check);

}  // namespace lmc::exporting
