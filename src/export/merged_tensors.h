// Every tensor of a model, with what an adapter adds to it, as rows of float32: what the writers of
// all formats read.
//
// W + s B A in every layer that the adapter corrects, summed in float32; everything else as it is.
// One block of rows is in memory at a time.
// Mirrors: peft, merge_and_unload.
// Errors:  InputError for unreadable folders, tensors that are missing, of another shape or kind,
//          or not finite, and an adapter of another model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "spec/model_config.h"     // ModelConfig
#include "spec/stored_tensors.h"   // StoredTensors
#include "spec/tensor_table.h"     // TensorSpec
#include "tensorio/safetensors.h"  // Checkpoint

namespace lmc::exporting {

class MergedTensors {
 public:
  // `adapter` may be empty: none.
  MergedTensors(const std::string& model, const std::string& adapter);

  // What is computed with these tensors (spec::config_for).
  const spec::ModelConfig& config() const { return config_; }
  // In the order of the table.
  const std::vector<spec::TensorSpec>& tensors() const { return tensors_; }

  tensorio::Dtype stored_as(const spec::TensorSpec& tensor) const;
  bool is_corrected(const spec::TensorSpec& tensor) const;
  std::string where(const spec::TensorSpec& tensor) const;  // file and stored name

  // Rows of a tensor are its first axis; a vector is one row.
  static int64_t num_rows(const spec::TensorSpec& tensor);
  static int64_t row_width(const spec::TensorSpec& tensor);

  // Looks at all values as they are stored.
  void check_finite(const spec::TensorSpec& tensor) const;

  // `count` rows from the `first` one on; returns the largest change that the adapter made.
  // Threads: several at a time.
  double read_rows(const spec::TensorSpec& tensor, int64_t first, int64_t count,
                   float* values) const;

  // Gives back the memory of what was read so far.
  void release_pages() const { checkpoint_.release_pages(); }

 private:
  // What the adapter adds to one layer's weight.
  struct Correction {
    std::vector<float> a_RI, b_OR;
    std::vector<float> magnitude_O;  // of DoRA; empty: none
    size_t rank = 0;
    float scale = 0;
  };
  void read_corrections(const std::string& adapter);
  static double correct_row(const Correction& correction, size_t o, size_t width, float* row);

  spec::ModelConfig config_;
  tensorio::Checkpoint checkpoint_;
  spec::StoredTensors stored_;
  std::vector<spec::TensorSpec> tensors_;
  std::map<std::string, Correction> corrections_;  // by the weight's name
};

}  // namespace lmc::exporting
