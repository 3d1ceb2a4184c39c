#include "export/device_export.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "base/check.h"            // InputError, LMC_CHECK
#include "base/device_file.h"      // DeviceFileWriter, add_files
#include "base/new_output.h"       // check_is_new, NewOutput
#include "base/parallel.h"         // parallel_for
#include "base/partial_files.h"    // remove_partial_files_of
#include "runtime/device_model.h"  // kVectorForm
#include "spec/companion_files.h"  // read_companion_files, config_text

namespace lmc::exporting {

namespace {

using runtime::MatrixForm;
using runtime::MatrixLayout;

// Weights that share a scale. Smaller groups follow the weights closer and cost bits (16 / group a
// weight) and time; at 64 the scales of 4-bit weights take a quarter of a bit.
constexpr int64_t kGroup = 64;
constexpr int64_t kPanelRows = 16;

bool is_of_tower(const spec::TensorSpec& tensor) {
  return tensor.name.starts_with("model.visual.");
}

std::string kind_of(const spec::TensorSpec& tensor) {
  if (tensor.role == spec::TensorRole::kEmbedding) return "embedding";
  if (tensor.role == spec::TensorRole::kPatchEmbed || is_of_tower(tensor)) return "vision";
  return tensor.name == "lm_head.weight" ? "head" : "language";
}

// Squared change and squared weights, by which a kind's rounding is measured.
struct Squares {
  double change = 0;
  double weights = 0;
};

Squares write_matrix(const MergedTensors& source, const spec::TensorSpec& tensor,
                     const MatrixLayout& layout, DeviceFileWriter& writer, double& largest_change) {
  // A block of panels at a time, one for each thread and a few more.
  constexpr int64_t kPanelsAtOnce = 64;
  const auto width = static_cast<size_t>(layout.inputs);
  const auto panel_bytes = static_cast<size_t>(layout.panel_bytes());
  Squares all;
  for (int64_t begin = 0; begin < layout.num_panels(); begin += kPanelsAtOnce) {
    const int64_t panels = std::min(kPanelsAtOnce, layout.num_panels() - begin);
    std::vector<std::byte> bytes(static_cast<size_t>(panels) * panel_bytes);
    std::vector<Squares> squares(static_cast<size_t>(panels));
    std::vector<double> changes(static_cast<size_t>(panels));
    parallel_for(static_cast<size_t>(panels), [&](size_t p) {
      const int64_t first = (begin + static_cast<int64_t>(p)) * kPanelRows;
      const int64_t count = std::min(kPanelRows, layout.outputs - first);
      std::vector<float> values(static_cast<size_t>(count) * width);
      changes[p] = source.read_rows(tensor, first, count, values.data());
      std::vector<std::span<const float>> rows;
      for (int64_t r = 0; r < count; ++r) {
        rows.push_back(std::span(values).subspan(static_cast<size_t>(r) * width, width));
      }
      const auto panel = std::span(bytes).subspan(p * panel_bytes, panel_bytes);
      runtime::pack_panel(layout, rows, panel);
      MatrixLayout alone = layout;
      alone.outputs = count;
      const runtime::PackedMatrix packed(alone, panel);
      std::vector<float> back(width);
      for (int64_t r = 0; r < count; ++r) {
        packed.read_row(r, back);
        for (size_t i = 0; i < width; ++i) {
          const double weight = rows[static_cast<size_t>(r)][i];
          squares[p].change += (back[i] - weight) * (back[i] - weight);
          squares[p].weights += weight * weight;
        }
      }
    });
    for (size_t p = 0; p < squares.size(); ++p) {
      all.change += squares[p].change;
      all.weights += squares[p].weights;
      largest_change = std::max(largest_change, changes[p]);
    }
    writer.write(bytes);
  }
  return all;
}

void write_vector(const MergedTensors& source, const spec::TensorSpec& tensor,
                  DeviceFileWriter& writer) {
  std::vector<float> values(static_cast<size_t>(tensor.num_elements()));
  source.read_rows(tensor, 0, MergedTensors::num_rows(tensor), values.data());
  writer.write(std::as_bytes(std::span(values)));
}

MatrixForm form_of(const std::string& weights) {
  return runtime::form_from_name("panels-" + weights, "--weights " + weights);
}

// Removed unless it was renamed.
struct TemporaryFile {
  std::string path;
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
};

}  // namespace

std::optional<MatrixLayout> layout_for(const spec::TensorSpec& tensor, const std::string& weights) {
  using spec::TensorRole;
  if (tensor.role != TensorRole::kLinear && tensor.role != TensorRole::kEmbedding &&
      tensor.role != TensorRole::kPatchEmbed) {
    return std::nullopt;
  }
  MatrixLayout layout;
  layout.form = form_of(weights);
  layout.outputs = MergedTensors::num_rows(tensor);
  layout.inputs = MergedTensors::row_width(tensor);
  const bool is_small = layout.is_integer();
  if (tensor.role == TensorRole::kPatchEmbed && is_small) {
    layout.form = MatrixForm::kBF16;
  } else if (is_small && kind_of(tensor) != "language") {
    layout.form = MatrixForm::kInt8;
  }
  if (layout.is_integer()) layout.group = kGroup;
  return layout;
}

DeviceExported export_device(const DeviceExportOptions& options,
                             const std::function<void(int64_t, int64_t)>& on_tensor,
                             const std::function<std::map<std::string, std::string>(
                                 const std::string& path, const DeviceExported&)>& check) {
  check_is_new(options.out);
  const MergedTensors source(options.model, options.adapter);
  const NewOutput ours(options.out);
  const TemporaryFile temporary{options.out + ".partial"};
  remove_partial_files_of(temporary.path);
  DeviceFileWriter writer(temporary.path);
  writer.add_file("config.json", spec::config_text(options.model, source.config(), std::nullopt));
  for (const auto& [name, bytes] : spec::read_companion_files(options.model)) {
    writer.add_file(name, bytes);
  }
  DeviceExported exported;
  std::map<std::string, Squares> squares;
  const auto total = std::ssize(source.tensors());
  for (const spec::TensorSpec& tensor : source.tensors()) {
    source.check_finite(tensor);
    if (const auto layout = layout_for(tensor, options.weights)) {
      writer.begin_tensor({tensor.name, std::string(runtime::form_name(layout->form)), tensor.shape,
                           layout->group});
      const Squares made = write_matrix(source, tensor, *layout, writer, exported.largest_change);
      Squares& kind = squares[kind_of(tensor)];
      kind.change += made.change;
      kind.weights += made.weights;
      exported.matrix_bytes += layout->num_bytes();
      exported.matrix_elements += tensor.num_elements();
    } else {
      writer.begin_tensor({tensor.name, runtime::kVectorForm, tensor.shape, 0});
      write_vector(source, tensor, writer);
    }
    source.release_pages();
    exported.corrected += source.is_corrected(tensor) ? 1 : 0;
    on_tensor(++exported.tensors, total);
  }
  for (const auto& [kind, sums] : squares) {
    exported.rounding[kind] = sums.weights > 0 ? std::sqrt(sums.change / sums.weights) : 0;
  }
  writer.finish({{"architecture", "qwen3_vl"}, {"weights", options.weights}});
  add_files(temporary.path, options.out, check(temporary.path, exported));
  return exported;
}

}  // namespace lmc::exporting
