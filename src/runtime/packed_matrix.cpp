#include "runtime/packed_matrix.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"               // InputError, LMC_CHECK
#include "runtime/kernels/kernels.h"  // kPanelOutputs
#include "runtime/quantise.h"         // quantise_group
#include "tensorio/dtype.h"           // bf16_from_float

namespace lmc::runtime {

namespace {

constexpr std::pair<MatrixForm, std::string_view> kNames[] = {
    {MatrixForm::kF32, "panels-f32"},
    {MatrixForm::kBF16, "panels-bf16"},
    {MatrixForm::kInt8, "panels-int8"},
    {MatrixForm::kInt4, "panels-int4"},
};

int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Where the byte of input `i` and output `o` of a panel lies.
size_t int8_place(int64_t i, int64_t o) {
  return static_cast<size_t>((i / 4 * kPanelOutputs + o) * 4 + i % 4);
}
size_t int4_place(int64_t i, int64_t o) {
  return static_cast<size_t>((i / 8 * kPanelOutputs + o) * 4 + i % 4);
}

}  // namespace

std::string_view form_name(MatrixForm form) {
  for (const auto& [known, name] : kNames) {
    if (known == form) return name;
  }
  LMC_CHECK(false, "a form without a name");
}

MatrixForm form_from_name(std::string_view name, const std::string& where) {
  for (const auto& [form, known] : kNames) {
    if (known == name) return form;
  }
  throw InputError(where, cat("is stored as \"", name, "\", which is not known here"),
                   "export the model anew with this program");
}

int64_t MatrixLayout::num_panels() const { return (outputs + kPanelOutputs - 1) / kPanelOutputs; }

int64_t MatrixLayout::padded_inputs() const {
  return is_integer() ? round_up(inputs, group) : inputs;
}

int64_t MatrixLayout::num_groups() const { return is_integer() ? padded_inputs() / group : 0; }

int64_t MatrixLayout::element_bytes() const {
  const int64_t elements = padded_inputs() * kPanelOutputs;
  switch (form) {
    case MatrixForm::kF32:
      return elements * 4;
    case MatrixForm::kBF16:
      return elements * 2;
    case MatrixForm::kInt8:
      return elements;
    case MatrixForm::kInt4:
      return elements / 2;
  }
  LMC_CHECK(false, "no such form");
}

int64_t MatrixLayout::panel_bytes() const {
  const int64_t scale_bytes = num_groups() * kPanelOutputs * 2;
  return round_up(element_bytes() + scale_bytes, 64);
}

PackedMatrix::PackedMatrix(const MatrixLayout& layout, std::span<const std::byte> bytes)
    : layout_(layout), bytes_(bytes) {
  LMC_CHECK(static_cast<int64_t>(bytes.size()) == layout.num_bytes(), bytes.size(), " bytes, not ",
            layout.num_bytes());
}

const uint16_t* PackedMatrix::scales(int64_t panel) const {
  return reinterpret_cast<const uint16_t*>(elements(panel) + layout_.element_bytes());
}

void PackedMatrix::read_row(int64_t output, std::span<float> row_I) const {
  LMC_CHECK(output >= 0 && output < layout_.outputs &&
            static_cast<int64_t>(row_I.size()) == layout_.inputs);
  const int64_t panel = output / kPanelOutputs, o = output % kPanelOutputs;
  const std::byte* bytes = elements(panel);
  for (int64_t i = 0; i < layout_.inputs; ++i) {
    const auto in_floats = static_cast<size_t>(i * kPanelOutputs + o);
    float& value = row_I[static_cast<size_t>(i)];
    if (layout_.form == MatrixForm::kF32) {
      std::memcpy(&value, bytes + 4 * in_floats, 4);
    } else if (layout_.form == MatrixForm::kBF16) {
      uint16_t half = 0;
      std::memcpy(&half, bytes + 2 * in_floats, 2);
      value = tensorio::float_from_bf16(half);
    } else {
      int32_t integer = 0;
      if (layout_.form == MatrixForm::kInt8) {
        integer = static_cast<int8_t>(bytes[int8_place(i, o)]);
      } else {
        const auto pair = std::to_integer<int32_t>(bytes[int4_place(i, o)]);
        integer = (i % 8 < 4 ? pair & 15 : pair >> 4) - 8;
      }
      const float scale =
          tensorio::float_from_bf16(scales(panel)[i / layout_.group * kPanelOutputs + o]);
      value = static_cast<float>(integer) * scale;
    }
  }
}

void pack_panel(const MatrixLayout& layout, std::span<const std::span<const float>> rows,
                std::span<std::byte> panel) {
  LMC_CHECK(static_cast<int64_t>(panel.size()) == layout.panel_bytes() &&
            static_cast<int64_t>(rows.size()) <= kPanelOutputs);
  LMC_CHECK(!layout.is_integer() || layout.group % kGroupMultiple == 0, "groups of ", layout.group);
  std::fill(panel.begin(), panel.end(), std::byte{0});
  if (!layout.is_integer()) {
    for (size_t o = 0; o < rows.size(); ++o) {
      for (size_t i = 0; i < rows[o].size(); ++i) {
        const size_t place = i * kPanelOutputs + o;
        if (layout.form == MatrixForm::kF32) {
          std::memcpy(&panel[4 * place], &rows[o][i], 4);
        } else {
          const uint16_t half = tensorio::bf16_from_float(rows[o][i]);
          std::memcpy(&panel[2 * place], &half, 2);
        }
      }
    }
    return;
  }
  const bool is_int4 = layout.form == MatrixForm::kInt4;
  // 0 is stored as 8, filled-up places too.
  if (is_int4) std::fill_n(panel.begin(), layout.element_bytes(), std::byte{0x88});
  auto* scales = panel.data() + layout.element_bytes();
  std::vector<int8_t> integers(static_cast<size_t>(layout.group));
  for (size_t o = 0; o < rows.size(); ++o) {
    for (int64_t g = 0; g < layout.num_groups(); ++g) {
      const int64_t begin = g * layout.group;
      const int64_t end = std::min(layout.inputs, begin + layout.group);
      const auto count = static_cast<size_t>(end - begin);
      const auto group = std::span(integers).first(count);
      const uint16_t scale = quantise_group(rows[o].subspan(static_cast<size_t>(begin), count),
                                            is_int4 ? 7 : 127, group);
      std::memcpy(scales + 2 * (g * kPanelOutputs + static_cast<int64_t>(o)), &scale, 2);
      for (int64_t i = begin; i < end; ++i) {
        const int8_t integer = integers[static_cast<size_t>(i - begin)];
        if (!is_int4) {
          panel[int8_place(i, static_cast<int64_t>(o))] = static_cast<std::byte>(integer);
          continue;
        }
        std::byte& pair = panel[int4_place(i, static_cast<int64_t>(o))];
        const auto stored = static_cast<std::byte>(integer + 8);
        pair = i % 8 < 4 ? (pair & std::byte{0xf0}) | stored
                         : (pair & std::byte{0x0f}) | (stored << 4);
      }
    }
  }
}

std::vector<std::byte> pack_matrix(const MatrixLayout& layout, std::span<const float> values_OI) {
  LMC_CHECK(static_cast<int64_t>(values_OI.size()) == layout.outputs * layout.inputs);
  std::vector<std::byte> bytes(static_cast<size_t>(layout.num_bytes()));
  const auto panel_bytes = static_cast<size_t>(layout.panel_bytes());
  const auto inputs = static_cast<size_t>(layout.inputs);
  for (int64_t panel = 0; panel < layout.num_panels(); ++panel) {
    std::vector<std::span<const float>> rows;
    for (int64_t o = panel * kPanelOutputs;
         o < std::min(layout.outputs, (panel + 1) * kPanelOutputs); ++o) {
      rows.push_back(values_OI.subspan(static_cast<size_t>(o) * inputs, inputs));
    }
    pack_panel(layout, rows,
               std::span(bytes).subspan(static_cast<size_t>(panel) * panel_bytes, panel_bytes));
  }
  return bytes;
}

}  // namespace lmc::runtime
