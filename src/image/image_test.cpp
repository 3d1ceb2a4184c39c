#include "image/image.h"

#include <gtest/gtest.h>

#include "base/files.h"        // read_file
#include "base/json.h"         // read_json
#include "base/random.h"       // Random
#include "base/sha256.h"       // sha256_hex
#include "image/preprocess.h"  // smart_resize, resize_bicubic, preprocess
#include "image/test_pattern.h"

namespace lmc::image {
namespace {

const std::string kGolden = LMC_SOURCE_DIR "/tests/golden/image/";

std::string hash_of(const Image& image) {
  return sha256_hex({reinterpret_cast<const char*>(image.rgb_HWC.data()), image.rgb_HWC.size()});
}

TEST(Image, DecodesEveryKindAsPillowDoes) {
  const Json golden = read_json(kGolden + "golden.json");
  for (const auto& [name, hash] : golden["decoded"].items()) {
    EXPECT_EQ(hash_of(read_image(kGolden + name)), hash.get<std::string>()) << name;
  }
  EXPECT_EQ(golden["decoded"].size(), 15U);
}

TEST(Image, TheHeadSaysHowManyPixels) {
  const Json golden = read_json(kGolden + "golden.json");
  for (const auto& [name, hash] : golden["decoded"].items()) {
    const std::string file = read_file(kGolden + name);
    const Image image = decode(file, name);
    EXPECT_EQ(num_pixels_of(file), image.height_px * image.width_px) << name;
  }
  EXPECT_EQ(num_pixels_of("no picture"), 0);
}

TEST(Image, PngSurvivesARoundTrip) {
  for (const char* name : {"rgb.png", "gray.png"}) {
    const Image image = read_image(kGolden + name);
    EXPECT_EQ(decode(encode_png(image), "png").rgb_HWC, image.rgb_HWC);
  }
}

TEST(Image, JpegComesBackNearly) {
  const Image image = read_image(kGolden + "rgb.jpg");
  const Image again = decode(encode_jpeg(image, 95), "jpeg");
  EXPECT_EQ(again.height_px, image.height_px);
  EXPECT_EQ(again.width_px, image.width_px);
}

TEST(Image, BrokenFilesAreInputErrorsAndNeverCrash) {
  Random random(1);
  int refused = 0;
  for (const char* name : {"rgb.jpg", "progressive.jpg", "cmyk.jpg", "rgb.png", "palette.png",
                           "gray_16.png", "lossy.webp", "lossless.webp"}) {
    const std::string whole = read_file(kGolden + name);
    // Cut in half, every format notices.
    EXPECT_THROW(decode(whole.substr(0, whole.size() / 2), name), InputError) << name;
    for (int i = 0; i < 250; ++i) {
      std::string broken = whole.substr(
          0, static_cast<size_t>(random.integer(0, static_cast<int64_t>(whole.size()))));
      for (int64_t flips = random.integer(0, 3); flips > 0 && !broken.empty(); --flips) {
        broken[static_cast<size_t>(random.integer(0, static_cast<int64_t>(broken.size()) - 1))] ^=
            static_cast<char>(1 << random.integer(0, 7));
      }
      try {
        decode(broken, name);
      } catch (const InputError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1500);
}

TEST(Image, UnknownFormatIsNamed) {
  EXPECT_THROW(decode("hello", "note.txt"), InputError);
  EXPECT_THROW(decode("", "empty"), InputError);
}

TEST(SmartResize, EqualsTransformersAndRefusesWhatItRefuses) {
  const Json golden = read_json(kGolden + "golden.json");
  ASSERT_FALSE(golden["sizes"].empty());
  for (const Json& row : golden["sizes"]) {
    const auto values = row.get<std::vector<int64_t>>();
    PreprocessOptions options;
    options.min_area_px = values[0];
    options.max_area_px = values[1];
    const SizePx source{values[2], values[3]};
    if (values[4] == 0) {
      EXPECT_THROW(smart_resize(source, options, "x"), InputError) << row;
    } else {
      EXPECT_EQ(smart_resize(source, options, "x"), (SizePx{values[4], values[5]})) << row;
    }
  }
}

TEST(ResizeBicubic, EqualsTorchToTheBit) {
  const Json golden = read_json(kGolden + "golden.json");
  ASSERT_FALSE(golden["resized"].empty());
  for (const Json& row : golden["resized"]) {
    const Image source = pattern(row[0].get<int64_t>(), row[1].get<int64_t>());
    const Image resized = resize_bicubic(source, {row[2].get<int64_t>(), row[3].get<int64_t>()});
    EXPECT_EQ(hash_of(resized), row[4].get<std::string>()) << row;
  }
}

TEST(Preprocess, CutsPatchesInMergeOrder) {
  // Each pixel says where it is: channel 0 its row, channel 1 its column.
  PreprocessOptions options;
  options.min_area_px = 1;
  Image image{64, 96, std::vector<uint8_t>(64 * 96 * 3)};
  for (size_t y = 0; y < 64; ++y) {
    for (size_t x = 0; x < 96; ++x) {
      image.rgb_HWC[(y * 96 + x) * 3] = static_cast<uint8_t>(y);
      image.rgb_HWC[(y * 96 + x) * 3 + 1] = static_cast<uint8_t>(x);
    }
  }
  const PatchGrid grid = preprocess(image, options, "x");
  ASSERT_EQ(grid.grid_h, 4);
  ASSERT_EQ(grid.grid_w, 6);
  const auto value = [&](size_t patch, size_t channel, size_t frame, size_t y, size_t x) {
    const size_t index = ((channel * 2 + frame) * 16 + y) * 16 + x;
    return grid.pixel_values_PF[patch * 1536 + index] * 127.5F + 127.5F;
  };
  for (size_t patch = 0; patch < 24; ++patch) {
    const size_t block = patch / 4;
    const size_t row = block / 3 * 2 + patch % 4 / 2;
    const size_t column = block % 3 * 2 + patch % 2;
    for (size_t frame = 0; frame < 2; ++frame) {
      EXPECT_NEAR(value(patch, 0, frame, 5, 9), static_cast<float>(row * 16 + 5), 1e-3);
      EXPECT_NEAR(value(patch, 1, frame, 5, 9), static_cast<float>(column * 16 + 9), 1e-3);
    }
  }
}

TEST(Preprocess, MissingSizeIsAnError) {
  const Json json = {{"patch_size", 16}, {"temporal_patch_size", 2}, {"merge_size", 2}};
  EXPECT_THROW(preprocess_options_from_json(json, "f"), InputError);
}

}  // namespace
}  // namespace lmc::image
