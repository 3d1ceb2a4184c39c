// The prompts of tests/golden/model (tools/golden/model_parity.py), as engines take them.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "image/preprocess.h"      // PatchGrid
#include "tensorio/safetensors.h"  // SafetensorsFile

namespace lmc::tests {

// As the parity test of the module `model`: sums of some hundred terms in another order.
inline constexpr double kTolerance = 1e-5;

inline std::string golden_folder(const std::string& name) {
  return std::string(LMC_SOURCE_DIR "/tests/golden/model/") + name;
}

template <class T>
std::vector<T> values(const tensorio::SafetensorsFile& file, const std::string& name) {
  const tensorio::TensorView& view = file.tensors().at(name);
  std::vector<T> read(view.bytes.size() / sizeof(T));
  std::memcpy(read.data(), view.bytes.data(), view.bytes.size());
  return read;
}

inline double relative_rms(std::span<const float> expected, std::span<const float> found) {
  double error = 0, scale = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    error += std::pow(double{expected[i]} - found[i], 2);
    scale += std::pow(double{expected[i]}, 2);
  }
  return std::sqrt(error / scale);
}

// A golden prompt with two images.
struct GoldenPrompt {
  explicit GoldenPrompt(const std::string& name)
      : file(golden_folder(name) + "/golden.safetensors") {
    for (const int64_t id : values<int64_t>(file, "input_ids")) {
      ids.push_back(static_cast<int32_t>(id));
    }
    const auto all = values<int64_t>(file, "position_ids");
    for (size_t axis = 0; axis < 3; ++axis) {
      for (size_t i = 0; i < ids.size(); ++i) {
        positions[axis].push_back(static_cast<int32_t>(all[axis * ids.size() + i]));
      }
    }
    const auto grids = values<int64_t>(file, "image_grid_thw");
    const auto pixels = values<float>(file, "pixel_values");
    const auto width = file.tensors().at("pixel_values").info.shape[1];
    size_t from = 0;
    for (size_t i = 0; i < grids.size(); i += 3) {
      image::PatchGrid grid;
      grid.grid_h = grids[i + 1];
      grid.grid_w = grids[i + 2];
      grid.values_per_patch = width;
      const auto count = static_cast<size_t>(grid.num_patches() * width);
      grid.pixel_values_PF.assign(pixels.begin() + static_cast<std::ptrdiff_t>(from),
                                  pixels.begin() + static_cast<std::ptrdiff_t>(from + count));
      from += count;
      images.push_back(std::move(grid));
    }
    logits_NV = values<float>(file, "logits");
    vocabulary = logits_NV.size() / ids.size();
  }

  std::span<const float> logits(size_t token) const {
    return std::span(logits_NV).subspan(token * vocabulary, vocabulary);
  }

  tensorio::SafetensorsFile file;
  std::vector<int32_t> ids;
  std::array<std::vector<int32_t>, 3> positions;
  std::vector<image::PatchGrid> images;
  std::vector<float> logits_NV;
  size_t vocabulary = 0;
};

}  // namespace lmc::tests
