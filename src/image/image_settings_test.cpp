// The image settings of a folder, against transformers (tools/golden/picture_settings.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"       // sha256_hex
#include "image/preprocess.h"  // preprocess_options_from_json, preprocess
#include "image/test_pattern.h"

namespace lmc::image {
namespace {

using testing::HasSubstr;

Json golden() { return read_json(LMC_SOURCE_DIR "/tests/golden/image/settings.json"); }

TEST(ImageSettings, SizesByAllTheirNames) {
  const Json cases = golden()["areas"];
  EXPECT_EQ(cases.size(), 7U);
  for (const Json& one : cases) {
    const PreprocessOptions options = preprocess_options_from_json(one["settings"], "x");
    EXPECT_EQ(Json({options.min_area_px, options.max_area_px}), one["areas"])
        << to_text(one["settings"]);
  }
}

// Bit by bit, for means and deviations that are no powers of two.
TEST(ImageSettings, PixelsAreThoseOfTransformers) {
  const Json cases = golden()["pixels"];
  EXPECT_EQ(cases.size(), 6U);
  for (const Json& one : cases) {
    const PreprocessOptions options = preprocess_options_from_json(one["settings"], "x");
    const PatchGrid grid = preprocess(pattern(64, 96), options, "picture");
    EXPECT_EQ(Json({grid.num_patches(), grid.values_per_patch}), one["shape"]);
    const auto& values = grid.pixel_values_PF;
    EXPECT_EQ(
        sha256_hex({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}),
        one["sha256"].get<std::string>())
        << to_text(one["settings"]);
  }
}

TEST(ImageSettings, AMeanThatIsNotThereIsClips) {
  const Json cases = golden();
  const PreprocessOptions said = preprocess_options_from_json(cases["pixels"][1]["settings"], "x");
  const PreprocessOptions silent = preprocess_options_from_json(cases["areas"][0]["settings"], "x");
  EXPECT_EQ(silent.mean, said.mean);
  EXPECT_EQ(silent.std, said.std);
}

TEST(ImageSettings, WhatIsNotComputedIsRefused) {
  const auto error_with = [](const char* key, const Json& value) -> std::string {
    Json settings = golden()["pixels"][1]["settings"];
    if (value.is_null()) {
      settings.erase(key);
    } else {
      settings[key] = value;
    }
    try {
      preprocess_options_from_json(settings, "f.json");
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(error_with("data_format", "channels_first"), "no error");
  EXPECT_THAT(error_with("size", nullptr), HasSubstr("neither \"size\" nor"));
  EXPECT_THAT(error_with("size", {{"height", 224}, {"width", 224}}), HasSubstr("shortest_edge"));
  EXPECT_THAT(error_with("image_processor_type", "SiglipImageProcessor"),
              HasSubstr("expected Qwen2VLImageProcessor, found SiglipImageProcessor"));
  EXPECT_THAT(error_with("max_pixels", 100), HasSubstr("are impossible"));
}

}  // namespace
}  // namespace lmc::image
