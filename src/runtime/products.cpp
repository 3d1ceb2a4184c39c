#include "runtime/products.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "base/check.h"  // LMC_CHECK

namespace lmc::runtime {

namespace {

// Panels that one task takes at most: so many bytes stay in a core's second cache while all rows
// pass.
constexpr int64_t kTaskBytes = 128 << 10;
// Tasks of a small product for each thread, so that none waits long for the last.
constexpr int64_t kTasksPerThread = 4;
// Rows that pass a panel before the next one is taken: their inputs share that cache. A multiple of
// the rows that tiers take at once.
constexpr int64_t kBlockRows = 96;
// Between rows of inputs: widths are powers of two, and rows at such distances would share the same
// few lines of the first cache.
constexpr int64_t kGap = 64;

void put(const Product& product, int64_t panel, int64_t first, int64_t count,
         const float* made_RO) {
  const int64_t begin = panel * kPanelOutputs;
  const int64_t outputs = std::min(kPanelOutputs, product.matrix.outputs() - begin);
  float bias[kPanelOutputs] = {};
  if (product.bias_O != nullptr) std::copy_n(product.bias_O + begin, outputs, bias);
  const auto put_rows = [&](auto num_outputs) {
    for (int64_t r = 0; r < count; ++r) {
      const float* made = made_RO + r * kPanelOutputs;
      float* out = product.out.row(first + r) + begin;
      if (product.adds) {
        for (int64_t o = 0; o < num_outputs; ++o) out[o] += made[o] + bias[o];
      } else {
        for (int64_t o = 0; o < num_outputs; ++o) out[o] = made[o] + bias[o];
      }
    }
  };
  // A whole panel's number is known to the compiler, which then makes vectors of it.
  if (outputs == kPanelOutputs) {
    put_rows(std::integral_constant<int64_t, kPanelOutputs>());
  } else {
    put_rows(outputs);
  }
}

}  // namespace

void multiply_panel(const Kernels& kernels, const PackedMatrix& matrix, int64_t panel,
                    const Operand& x, int64_t first, int64_t count, float* out_RO) {
  const MatrixLayout& layout = matrix.layout();
  const std::byte* elements = matrix.elements(panel);
  switch (layout.form) {
    case MatrixForm::kF32:
      return kernels.panel_f32(reinterpret_cast<const float*>(elements), x.floats(first, count),
                               layout.inputs, out_RO);
    case MatrixForm::kBF16:
      return kernels.panel_bf16(reinterpret_cast<const uint16_t*>(elements), x.floats(first, count),
                                layout.inputs, out_RO);
    case MatrixForm::kInt8:
      return kernels.panel_int8(reinterpret_cast<const int8_t*>(elements), matrix.scales(panel),
                                x.bytes(first, count), layout.group, out_RO);
    case MatrixForm::kInt4:
      return kernels.panel_int4(reinterpret_cast<const uint8_t*>(elements), matrix.scales(panel),
                                x.bytes(first, count), layout.group, out_RO);
  }
}

void Operand::prepare(const Kernels& kernels, const MatrixLayout& layout, int64_t count) {
  count_ = count;
  inputs_ = layout.inputs;
  group_ = layout.group;
  groups_ = layout.num_groups();
  const auto rows = static_cast<size_t>(count);
  if (!layout.is_integer()) {
    floats_NI_.resize(rows * static_cast<size_t>(inputs_));
    return;
  }
  stride_ = groups_ * group_ + kGap;
  has_shorts_ = kernels.takes_shorts && layout.form == MatrixForm::kInt8 && count > 1;
  bytes_.resize(rows * static_cast<size_t>(stride_));
  if (has_shorts_) shorts_.resize(bytes_.size());
  scales_.resize(rows * static_cast<size_t>(groups_));
  sums_.resize(rows * static_cast<size_t>(groups_));
}

void Operand::fill(const Kernels& kernels, int64_t index, const float* row_I) {
  if (group_ == 0) {
    std::copy_n(row_I, inputs_, floats_NI_.data() + index * inputs_);
    return;
  }
  int8_t* bytes = bytes_.data() + index * stride_;
  kernels.to_bytes(row_I, inputs_, group_, bytes,
                   has_shorts_ ? shorts_.data() + index * stride_ : nullptr,
                   scales_.data() + index * groups_, sums_.data() + index * groups_);
}

void Operand::fill(const Machine& machine, const Rows& rows) {
  LMC_CHECK(rows.width == inputs_ && rows.count == count_);
  machine.pool.run(rows.count,
                   [&](int64_t index, int64_t) { fill(machine.kernels, index, rows.row(index)); });
}

FloatRows Operand::floats(int64_t first, int64_t count) const {
  return {floats_NI_.data() + first * inputs_, inputs_, count};
}

ByteRows Operand::bytes(int64_t first, int64_t count) const {
  const int64_t at = first * stride_, group_at = first * groups_;
  return {bytes_.data() + at,
          stride_,
          scales_.data() + group_at,
          sums_.data() + group_at,
          groups_,
          count,
          has_shorts_ ? shorts_.data() + at : nullptr,
          stride_};
}

bool Operand::fits(const MatrixLayout& layout) const {
  return layout.inputs == inputs_ && layout.group == group_;
}

void multiply(const Machine& machine, const Operand& x, std::span<const Product> products) {
  struct Task {
    const Product* product;
    int64_t first_panel, end_panel;
  };
  std::vector<Task> tasks;
  int64_t all_panels = 0;
  for (const Product& product : products) all_panels += product.matrix.layout().num_panels();
  const int64_t wanted = machine.pool.num_threads() * kTasksPerThread;
  const int64_t share = std::max<int64_t>(1, all_panels / wanted);
  for (const Product& product : products) {
    const MatrixLayout& layout = product.matrix.layout();
    LMC_CHECK(
        x.fits(layout) && product.out.count == x.count() && product.out.width == layout.outputs,
        "a product of other sizes");
    const int64_t panels = layout.num_panels();
    const int64_t at_once = std::clamp<int64_t>(kTaskBytes / layout.panel_bytes(), 1, share);
    for (int64_t panel = 0; panel < panels; panel += at_once) {
      tasks.push_back({&product, panel, std::min(panels, panel + at_once)});
    }
  }
  machine.pool.run(std::ssize(tasks), [&](int64_t index, int64_t) {
    const Task& task = tasks[static_cast<size_t>(index)];
    float made_RO[kBlockRows * kPanelOutputs];
    for (int64_t first = 0; first < x.count(); first += kBlockRows) {
      const int64_t count = std::min(kBlockRows, x.count() - first);
      for (int64_t panel = task.first_panel; panel < task.end_panel; ++panel) {
        multiply_panel(machine.kernels, task.product->matrix, panel, x, first, count, made_RO);
        put(*task.product, panel, first, count, made_RO);
      }
    }
  });
}

}  // namespace lmc::runtime
