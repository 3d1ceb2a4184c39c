// Writes a device file of a folder's dimensions with random weights, for `litemedcot bench`.
//
//   bench_device MODEL_FOLDER WEIGHTS F.lmcd
//
// Speed does not depend on what weights are, so nothing is quantised: bytes are drawn at random,
// and scales are such that numbers neither grow nor vanish.
#include <cmath>
#include <iostream>

#include "base/check.h"             // InputError
#include "base/device_file.h"       // DeviceFileWriter
#include "base/files.h"             // read_file
#include "base/random.h"            // Random
#include "export/device_export.h"   // layout_for
#include "infer/speed.h"            // measure_speed
#include "runtime/device_engine.h"  // DeviceEngine
#include "runtime/device_model.h"   // kVectorForm
#include "spec/companion_files.h"   // read_companion_files
#include "spec/tensor_table.h"      // tensor_table
#include "tensorio/dtype.h"         // bf16_from_float

namespace {

using namespace lmc;

// Bytes of every kind of integer, drawn once and written over and over.
std::vector<std::byte> random_bytes(size_t count) {
  Random random(0);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next_bits() >> 56);
  return bytes;
}

// One panel of weights of about 1 / sqrt(inputs).
std::vector<std::byte> random_panel(const runtime::MatrixLayout& layout) {
  const auto size = 1 / std::sqrt(static_cast<double>(layout.inputs));
  std::vector<std::byte> panel(static_cast<size_t>(layout.panel_bytes()));
  if (!layout.is_integer()) {
    Random random(1);
    std::vector<float> values(static_cast<size_t>(layout.inputs) * 16);
    for (float& value : values) value = static_cast<float>(random.normal() * size);
    std::vector<std::span<const float>> rows;
    for (size_t o = 0; o < 16; ++o) {
      rows.push_back(std::span(values).subspan(o * static_cast<size_t>(layout.inputs),
                                               static_cast<size_t>(layout.inputs)));
    }
    runtime::pack_panel(layout, rows, panel);
    return panel;
  }
  const std::vector<std::byte> elements = random_bytes(static_cast<size_t>(layout.element_bytes()));
  std::copy(elements.begin(), elements.end(), panel.begin());
  const bool is_int4 = layout.form == runtime::MatrixForm::kInt4;
  const uint16_t scale = tensorio::bf16_from_float(static_cast<float>(size / (is_int4 ? 4.6 : 74)));
  auto* scales = reinterpret_cast<uint16_t*>(panel.data() + layout.element_bytes());
  std::fill_n(scales, layout.num_groups() * 16, scale);
  return panel;
}

void write(const std::string& folder, const std::string& weights, const std::string& out) {
  const spec::ModelConfig config = spec::read_model_config(folder);
  DeviceFileWriter writer(out);
  writer.add_file("config.json", read_file(folder + "/config.json"));
  for (const auto& [name, bytes] : spec::read_companion_files(folder)) {
    writer.add_file(name, bytes);
  }
  for (const spec::TensorSpec& tensor : spec::tensor_table(config)) {
    if (const auto layout = exporting::layout_for(tensor, weights)) {
      writer.begin_tensor({tensor.name, std::string(runtime::form_name(layout->form)), tensor.shape,
                           layout->group});
      const std::vector<std::byte> panel = random_panel(*layout);
      for (int64_t i = 0; i < layout->num_panels(); ++i) writer.write(panel);
      continue;
    }
    writer.begin_tensor({tensor.name, runtime::kVectorForm, tensor.shape, 0});
    const bool is_scale = tensor.role == spec::TensorRole::kNormScale;
    const std::vector<float> values(static_cast<size_t>(tensor.num_elements()),
                                    is_scale ? 1.0F : 0.01F);
    writer.write(std::as_bytes(std::span(values)));
  }
  writer.finish({{"architecture", "qwen3_vl"}, {"weights", weights}});
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() != 3) {
      std::cerr << "bench_device MODEL_FOLDER WEIGHTS F.lmcd\n";
      return 2;
    }
    write(words[0], words[1], words[2]);
  } catch (const InputError& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
