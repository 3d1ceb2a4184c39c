// The checkpoints and goldens of tests/golden/model/<case>/, made by tools/golden/model_parity.py
// in f32.
//
// Tolerance: the stages are chains of f32 sums of up to a few hundred terms in another order; each
// adds a relative error near sqrt(terms) * 2^-24 (about 1e-6), so 1e-5 relative RMS leaves room for
// the chain and none for a wrong term.
// Device: LMC_TEST_DEVICE (test_device.h).
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "model/qwen3_vl.h"
#include "model/test_device.h"
#include "model/weights.h"
#include "tensorio/safetensors.h"

namespace lmc::model {

inline const double kTolerance = 1e-5 * device_slack();

inline torch::Tensor read(const tensorio::SafetensorsFile& file, const std::string& name) {
  const auto& view = file.tensors().at(name);
  const auto dtype =
      view.info.dtype == tensorio::Dtype::kI64 ? torch::kInt64 : torch_dtype(view.info.dtype, name);
  return at::from_blob(const_cast<std::byte*>(view.bytes.data()), view.info.shape, dtype)
      .clone()
      .to(test_device());
}

inline double relative_rms(const torch::Tensor& expected, const torch::Tensor& found) {
  const auto a = expected.to(torch::kCPU, torch::kFloat64).reshape({-1});
  const auto b = found.detach().to(torch::kCPU, torch::kFloat64).reshape({-1});
  const double scale = a.square().mean().item<double>();
  const double error = (a - b).square().mean().item<double>();
  // A tap behind the last layer reaches no reply token: its gradient is zero, and must be.
  return std::sqrt(scale == 0 ? error : error / scale);
}

class Parity : public ::testing::TestWithParam<std::string> {
 protected:
  std::string folder_ = std::string(LMC_SOURCE_DIR "/tests/golden/model/") + GetParam();
  tensorio::SafetensorsFile golden_{folder_ + "/golden.safetensors"};

  std::unique_ptr<Qwen3Vl> load(torch::Dtype dtype = torch::kFloat32) {
    return Qwen3Vl::load(folder_, {dtype, test_device()});
  }

  Batch batch() const {
    Batch made;
    made.ids_N = read(golden_, "input_ids").reshape({-1});
    made.positions_3N = read(golden_, "position_ids").reshape({3, -1});
    made.segment_lengths = {made.ids_N.size(0)};
    made.pixel_values_PF = read(golden_, "pixel_values");
    const auto grids = read(golden_, "image_grid_thw");
    for (int64_t i = 0; i < grids.size(0); ++i) {
      made.grids.emplace_back(grids[i][1].item<int64_t>(), grids[i][2].item<int64_t>());
    }
    return made;
  }

  // The same prompt as an engine takes it; with `num_tokens` only its beginning, images and all.
  prompt::ModelInput input(int64_t num_tokens) const {
    const Batch whole = batch();
    prompt::ModelInput made;
    for (int64_t i = 0; i < num_tokens; ++i) {
      made.ids.push_back(whole.ids_N[i].item<int32_t>());
      for (size_t axis = 0; axis < 3; ++axis) {
        made.positions[axis].push_back(
            whole.positions_3N[static_cast<int64_t>(axis)][i].item<int32_t>());
      }
    }
    made.next_position = whole.positions_3N.narrow(1, 0, num_tokens).max().item<int32_t>() + 1;
    int64_t from = 0;
    for (const auto& [down, across] : whole.grids) {
      auto grid = std::make_shared<image::PatchGrid>();
      grid->grid_h = down;
      grid->grid_w = across;
      grid->values_per_patch = whole.pixel_values_PF.size(1);
      const auto patches =
          whole.pixel_values_PF.narrow(0, from, down * across).to(torch::kCPU).contiguous();
      grid->pixel_values_PF.assign(patches.data_ptr<float>(),
                                   patches.data_ptr<float>() + patches.numel());
      from += down * across;
      made.images.push_back(std::move(grid));
    }
    return made;
  }
};

}  // namespace lmc::model
