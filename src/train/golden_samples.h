// The golden checkpoint and samples of tests/golden/train (tools/golden/training.py), for tests.
#pragma once

#include <ATen/ops/from_blob.h>

#include <memory>
#include <string>
#include <vector>

#include "model/test_device.h"     // test_device
#include "model/weights.h"         // torch_dtype
#include "tensorio/safetensors.h"  // SafetensorsFile
#include "train/training_input.h"  // TrainingInput

namespace lmc::train {

inline const std::string kGolden = LMC_SOURCE_DIR "/tests/golden/";

inline torch::Tensor read_golden(const tensorio::SafetensorsFile& file, const std::string& name) {
  const auto& view = file.tensors().at(name);
  const auto dtype = view.info.dtype == tensorio::Dtype::kI64
                         ? torch::kInt64
                         : model::torch_dtype(view.info.dtype, name);
  return at::from_blob(const_cast<std::byte*>(view.bytes.data()), view.info.shape, dtype).clone();
}

inline std::unique_ptr<model::Qwen3Vl> load_golden_model(
    model::Storage storage = model::Storage::kComputeDtype, torch::Dtype dtype = torch::kFloat32) {
  return model::Qwen3Vl::load(kGolden + "model/wide_query", {dtype, model::test_device(), storage});
}

// Seven samples of unequal length; most with an image.
inline std::vector<TrainingInput> golden_samples() {
  const tensorio::SafetensorsFile golden(kGolden + "train/training.safetensors");
  std::vector<TrainingInput> all;
  for (size_t k = 0; golden.tensors().contains(cat("sample.", k, ".ids")); ++k) {
    const std::string name = cat("sample.", k, ".");
    TrainingInput training;
    prompt::ModelInput& sample = training.input;
    const auto ids = read_golden(golden, name + "ids");
    const auto targets = read_golden(golden, name + "targets");
    const auto positions = read_golden(golden, name + "positions");
    for (int64_t i = 0; i < ids.size(0); ++i) {
      sample.ids.push_back(ids[i].item<int32_t>());
      sample.is_target.push_back(targets[i].item<uint8_t>());
      training.weights.push_back(static_cast<float>(sample.is_target.back()));
      for (size_t axis = 0; axis < 3; ++axis) {
        sample.positions[axis].push_back(positions[static_cast<int64_t>(axis)][i].item<int32_t>());
      }
    }
    if (golden.tensors().contains(name + "grid")) {
      const auto pixels = read_golden(golden, name + "pixels");
      auto grid = std::make_shared<image::PatchGrid>();
      grid->grid_h = read_golden(golden, name + "grid")[0][1].item<int64_t>();
      grid->grid_w = read_golden(golden, name + "grid")[0][2].item<int64_t>();
      grid->values_per_patch = pixels.size(1);
      grid->pixel_values_PF.assign(pixels.data_ptr<float>(),
                                   pixels.data_ptr<float>() + pixels.numel());
      sample.images.push_back(std::move(grid));
    }
    all.push_back(std::move(training));
  }
  return all;
}

}  // namespace lmc::train
