// A matrix [O, I] as the kernels read it: panels of 16 outputs, one after the other.
//
// A panel in a float form is [I][16]. In an integer form it is [I / 4][16][4] bytes (int8), or
// [I / 8][16][4] bytes (int4) whose lower half holds inputs 0 .. 3 of eight and whose upper half 4
// .. 7, as value + 8; behind them the panel's scales, bf16, [I / group][16]. I is filled up to a
// multiple of the group, O to a multiple of 16, with zeros; a panel's bytes to
// a multiple of 64. The order suits a register of 16 outputs x 4 inputs, whichever instruction set
// it belongs to.
// Letters: O outputs, I inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::runtime {

enum class MatrixForm { kF32, kBF16, kInt8, kInt4 };

// The word in device files: "panels-int8".
std::string_view form_name(MatrixForm form);
// Errors: InputError, `where` first.
MatrixForm form_from_name(std::string_view name, const std::string& where);

struct MatrixLayout {
  MatrixForm form = MatrixForm::kF32;
  int64_t outputs = 0;
  int64_t inputs = 0;
  int64_t group = 0;  // inputs that share a scale; 0 in float forms

  bool is_integer() const { return form == MatrixForm::kInt8 || form == MatrixForm::kInt4; }
  int64_t num_panels() const;
  int64_t padded_inputs() const;
  int64_t num_groups() const;     // of a row; 0 in float forms
  int64_t element_bytes() const;  // of a panel, without scales
  int64_t panel_bytes() const;
  int64_t num_bytes() const { return num_panels() * panel_bytes(); }
};

// A packed matrix that lies somewhere, for instance in a mapped file.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  PackedMatrix(const MatrixLayout& layout, std::span<const std::byte> bytes);

  const MatrixLayout& layout() const { return layout_; }
  int64_t outputs() const { return layout_.outputs; }
  int64_t inputs() const { return layout_.inputs; }

  const std::byte* elements(int64_t panel) const {
    return bytes_.data() + panel * layout_.panel_bytes();
  }
  const uint16_t* scales(int64_t panel) const;

  // Row `output` as floats.
  void read_row(int64_t output, std::span<float> row_I) const;

 private:
  MatrixLayout layout_;
  std::span<const std::byte> bytes_;
};

// One panel from its rows, at most 16; `panel` has panel_bytes().
void pack_panel(const MatrixLayout& layout, std::span<const std::span<const float>> rows,
                std::span<std::byte> panel);

// All of a matrix [O, I].
std::vector<std::byte> pack_matrix(const MatrixLayout& layout, std::span<const float> values_OI);

}  // namespace lmc::runtime
