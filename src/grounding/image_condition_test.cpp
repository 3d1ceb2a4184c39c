#include "grounding/image_condition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lmc::grounding {
namespace {

image::Image gradient(int64_t height, int64_t width) {
  image::Image image{height, width, {}};
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < 3; ++c) {
        image.rgb_HWC.push_back(static_cast<uint8_t>((y * 7 + x * 3 + c * 11) % 256));
      }
    }
  }
  return image;
}

TEST(ImageCondition, ModelSizeIsWhatTheModelSees) {
  image::PreprocessOptions options;
  options.min_area_px = 64 * 64;
  options.max_area_px = 128 * 128;
  const image::Image seen = at_model_size(gradient(300, 200), options, "p");
  EXPECT_EQ(seen.height_px % 32, 0);
  EXPECT_LE(seen.height_px * seen.width_px, options.max_area_px);
  EXPECT_EQ(at_model_size(seen, options, "p").rgb_HWC, seen.rgb_HWC);
  const image::PatchGrid direct = image::preprocess(gradient(300, 200), options, "p");
  EXPECT_EQ(image::preprocess(seen, options, "p").pixel_values_PF, direct.pixel_values_PF);
}

TEST(ImageCondition, FlatAndNoise) {
  const image::Image grey = flat_image({4, 6}, 128);
  EXPECT_EQ(grey.rgb_HWC, std::vector<uint8_t>(72, 128));
  Random random(1);
  Random again(1);
  const image::Image noise = noise_image({64, 64}, random);
  EXPECT_EQ(noise.rgb_HWC, noise_image({64, 64}, again).rgb_HWC);
  double sum = 0;
  for (const uint8_t value : noise.rgb_HWC) sum += value;
  // The mean of 12,288 draws of deviation 64 lies within 4 standard errors: 2.3.
  EXPECT_NEAR(sum / static_cast<double>(noise.rgb_HWC.size()), 127.5, 2.4);
}

TEST(ImageCondition, ShuffledPatchesKeepTheirContent) {
  const image::Image image = gradient(64, 96);
  Random random(3);
  const image::Image shuffled = patch_shuffled(image, 32, random);
  EXPECT_NE(shuffled.rgb_HWC, image.rgb_HWC);
  const auto cells = [](const image::Image& image) {
    std::vector<std::vector<uint8_t>> all;
    for (int64_t cell = 0; cell < 6; ++cell) {
      std::vector<uint8_t> values;
      for (int64_t y = 0; y < 32; ++y) {
        const auto begin = image.rgb_HWC.begin() + ((cell / 3 * 32 + y) * 96 + cell % 3 * 32) * 3;
        values.insert(values.end(), begin, begin + 96);
      }
      all.push_back(std::move(values));
    }
    std::sort(all.begin(), all.end());
    return all;
  };
  EXPECT_EQ(cells(shuffled), cells(image));
}

// A wave of length w keeps exp(-2 (pi sigma / w)^2) of its height; the high pass has the rest.
TEST(ImageCondition, PassesDivideAWave) {
  const double sigma = 3;
  const double wave_px = 16;
  image::Image image{8, 160, {}};
  for (int64_t i = 0; i < 8 * 160; ++i) {
    const double x = static_cast<double>(i % 160);
    const double value = 128 + 100 * std::sin(2 * std::numbers::pi * x / wave_px);
    for (int c = 0; c < 3; ++c) {
      image.rgb_HWC.push_back(static_cast<uint8_t>(std::nearbyint(value)));
    }
  }
  const auto height_of = [&](const image::Image& image) {
    const size_t crest = (4 * 160 + 84) * 3;  // 84 = 5.25 waves
    return image.rgb_HWC[crest] - 128.0;
  };
  const double exponent = std::numbers::pi * sigma / wave_px;
  const double kept = std::exp(-2 * exponent * exponent);
  // Rounding costs half a grey level on either side, cutting the Gaussian at 3 sigma 0.3 %.
  EXPECT_NEAR(height_of(low_pass(image, sigma)), 100 * kept, 1.5);
  EXPECT_NEAR(height_of(high_pass(image, sigma)), 100 * (1 - kept), 1.5);
  EXPECT_EQ(low_pass(flat_image({9, 5}, 77), sigma).rgb_HWC, flat_image({9, 5}, 77).rgb_HWC);
}

}  // namespace
}  // namespace lmc::grounding
