// Image to model input: smart resize, antialiased bicubic on 8-bit values, normalise, cut
// patches.
//
// Letters: P patches of one image, F values of one patch (channel, frame, row, column).
// Mirrors: transformers, Qwen2VLImageProcessorFast (uint8 path of torchvision's resize on CPU).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"    // Json
#include "image/image.h"  // Image

namespace lmc::image {

// What a folder says of its images. Areas are in pixels: shortest_edge and longest_edge of the
// file are areas.
struct PreprocessOptions {
  int64_t patch_size_px = 16;
  int64_t temporal_patch_size = 2;
  int64_t merge_size = 2;
  int64_t min_area_px = 65536;
  int64_t max_area_px = 16777216;
  std::array<double, 3> mean{0.5, 0.5, 0.5};
  std::array<double, 3> std{0.5, 0.5, 0.5};
  double rescale_factor = 1.0 / 255.0;
};

// preprocessor_config.json or "image_processor" of processor_config.json. No size: an error.
PreprocessOptions preprocess_options_from_json(const Json& json, std::string_view where);

struct SizePx {
  int64_t height = 0;
  int64_t width = 0;
  bool operator==(const SizePx&) const = default;
};

// The size an image is scaled to: both sides multiples of patch x merge, area within the budget.
// Errors: InputError when a side is below 1 or the aspect ratio is above 200.
SizePx smart_resize(SizePx source, const PreprocessOptions& options, std::string_view where);

// Antialiased bicubic (a = -0.5) on 8-bit values, width first, as ATen's uint8 kernel does it.
Image resize_bicubic(const Image& source, SizePx target);

// One image as the vision tower takes it. Patches lie in merge order: each run of merge_size^2
// rows is one square block, that is one token of the language model.
struct PatchGrid {
  int64_t grid_h = 0;  // patches down
  int64_t grid_w = 0;  // patches across
  int64_t values_per_patch = 0;
  std::vector<float> pixel_values_PF;

  int64_t num_patches() const { return grid_h * grid_w; }
};

PatchGrid preprocess(const Image& image, const PreprocessOptions& options, std::string_view where);

}  // namespace lmc::image
