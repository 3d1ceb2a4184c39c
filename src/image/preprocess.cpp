#include "image/preprocess.h"

#include <algorithm>
#include <optional>

#include "base/check.h"  // InputError

namespace lmc::image {

namespace {

constexpr int64_t kBicubic = 3;  // the number Pillow gives it

// What the model was trained with cannot be switched off for one folder without saying so.
void require_on(const Json& json, const char* key, std::string_view where) {
  if (!json_get_or<bool>(json, key, where, true)) {
    throw InputError(where, cat("key \"", key, "\" is false, which is not supported"));
  }
}

std::array<double, 3> three_numbers(const Json& json, const char* key, std::string_view where,
                                    std::array<double, 3> fallback) {
  const auto values =
      json_get_or<std::vector<double>>(json, key, where, {fallback.begin(), fallback.end()});
  if (values.size() != 3) {
    throw InputError(where, cat("key \"", key, "\": expected 3 numbers, found ", values.size()));
  }
  return {values[0], values[1], values[2]};
}

// value = (u8 - mean / rescale) / (std / rescale), as transformers fuses the two steps: each number
// of the file is rounded to f32, and each operation after it.
// Mirrors: transformers 5, TorchvisionBackend._fuse_mean_std_and_rescale_factor, and torchvision's
// normalize.
std::array<std::array<float, 256>, 3> normalisation_table(const PreprocessOptions& options) {
  std::array<std::array<float, 256>, 3> table{};
  const auto scale = static_cast<float>(1.0 / options.rescale_factor);
  for (size_t c = 0; c < 3; ++c) {
    const float mean = static_cast<float>(options.mean[c]) * scale;
    const float std = static_cast<float>(options.std[c]) * scale;
    for (size_t value = 0; value < 256; ++value) {
      table[c][value] = (static_cast<float>(value) - mean) / std;
    }
  }
  return table;
}

// min_pixels and max_pixels, the older names, count before those in "size"; what one of them leaves
// open is the default of transformers' Qwen2VLImageProcessor. Nothing at all is an error.
void read_areas(const Json& json, std::string_view where, PreprocessOptions& options) {
  constexpr int64_t kMin = 56 * 56, kMax = 28 * 28 * 1280;
  const auto least = json_get_optional<int64_t>(json, "min_pixels", where);
  const auto most = json_get_optional<int64_t>(json, "max_pixels", where);
  const auto found = json.find("size");
  const bool has_size = found != json.end() && !found->is_null();
  if (!has_size && !least && !most) {
    throw InputError(where, "neither \"size\" nor \"min_pixels\" and \"max_pixels\" is there",
                     "copy preprocessor_config.json from the base model");
  }
  const auto area = [&](const std::optional<int64_t>& named, const char* key, int64_t fallback) {
    if (named) return *named;
    return has_size ? json_get<int64_t>(*found, key, where) : fallback;
  };
  options.min_area_px = area(least, "shortest_edge", kMin);
  options.max_area_px = area(most, "longest_edge", kMax);
}

}  // namespace

PreprocessOptions preprocess_options_from_json(const Json& json, std::string_view where) {
  PreprocessOptions options;
  const auto kind = json_get_or<std::string>(json, "image_processor_type", where, "");
  if (!kind.empty() && !kind.starts_with("Qwen2VLImageProcessor")) {
    throw InputError(where, cat("key \"image_processor_type\": expected Qwen2VLImageProcessor, "
                                "found ",
                                kind));
  }
  options.patch_size_px = json_get<int64_t>(json, "patch_size", where);
  options.temporal_patch_size = json_get<int64_t>(json, "temporal_patch_size", where);
  options.merge_size = json_get<int64_t>(json, "merge_size", where);
  read_areas(json, where, options);
  // Where the file does not say, transformers takes CLIP's.
  options.mean = three_numbers(json, "image_mean", where, {0.48145466, 0.4578275, 0.40821073});
  options.std = three_numbers(json, "image_std", where, {0.26862954, 0.26130258, 0.27577711});
  options.rescale_factor =
      json_get_or<double>(json, "rescale_factor", where, options.rescale_factor);
  for (const char* key : {"do_resize", "do_rescale", "do_normalize", "do_convert_rgb"}) {
    require_on(json, key, where);
  }
  if (json_get_or<int64_t>(json, "resample", where, kBicubic) != kBicubic) {
    throw InputError(where, "key \"resample\": only 3 (bicubic) is supported");
  }
  const auto positive = [&](const char* key, double value) {
    if (!(value > 0)) throw InputError(where, cat("key \"", key, "\": expected more than 0"));
  };
  positive("patch_size", static_cast<double>(options.patch_size_px));
  positive("temporal_patch_size", static_cast<double>(options.temporal_patch_size));
  positive("merge_size", static_cast<double>(options.merge_size));
  positive("rescale_factor", options.rescale_factor);
  for (const double value : options.std) positive("image_std", value);
  if (options.min_area_px < 1 || options.max_area_px < options.min_area_px) {
    throw InputError(where, cat("image areas from ", options.min_area_px, " to ",
                                options.max_area_px, " px are impossible"));
  }
  return options;
}

PatchGrid preprocess(const Image& image, const PreprocessOptions& options, std::string_view where) {
  const SizePx size = smart_resize({image.height_px, image.width_px}, options, where);
  const bool fits = size == SizePx{image.height_px, image.width_px};
  const Image resized = fits ? Image{} : resize_bicubic(image, size);
  const uint8_t* pixels = fits ? image.rgb_HWC.data() : resized.rgb_HWC.data();

  const int64_t side = options.patch_size_px;
  const int64_t merge = options.merge_size;
  PatchGrid grid;
  grid.grid_h = size.height / side;
  grid.grid_w = size.width / side;
  grid.values_per_patch = 3 * options.temporal_patch_size * side * side;
  grid.pixel_values_PF.resize(static_cast<size_t>(grid.num_patches() * grid.values_per_patch));
  const auto table = normalisation_table(options);

  float* out = grid.pixel_values_PF.data();
  for (int64_t block_y = 0; block_y < grid.grid_h; block_y += merge) {
    for (int64_t block_x = 0; block_x < grid.grid_w; block_x += merge) {
      for (int64_t in_block = 0; in_block < merge * merge; ++in_block) {
        const int64_t top = (block_y + in_block / merge) * side;
        const int64_t left = (block_x + in_block % merge) * side;
        for (size_t channel = 0; channel < 3; ++channel) {
          const float* first_frame = out;
          for (int64_t y = 0; y < side; ++y) {
            const uint8_t* row = pixels + ((top + y) * size.width + left) * 3;
            for (int64_t x = 0; x < side; ++x)
              *out++ = table[channel][row[3 * x + static_cast<int64_t>(channel)]];
          }
          // A still image fills every frame of the temporal patch alike.
          for (int64_t frame = 1; frame < options.temporal_patch_size; ++frame) {
            out = std::copy_n(first_frame, side * side, out);
          }
        }
      }
    }
  }
  return grid;
}

}  // namespace lmc::image
