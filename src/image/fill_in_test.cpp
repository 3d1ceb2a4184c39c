#include "image/fill_in.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace lmc::image {
namespace {

// Brightness 2 x + y.
Image ramp(int64_t height, int64_t width) {
  Image image{height, width, {}};
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      image.rgb_HWC.insert(image.rgb_HWC.end(), 3, static_cast<uint8_t>(2 * x + y));
    }
  }
  return image;
}

TEST(FillIn, KeepsWhatIsVisibleAndContinuesIt) {
  const Image image = ramp(60, 50);
  std::vector<bool> hidden(60 * 50);
  for (size_t y = 20; y < 30; ++y) {
    for (size_t x = 15; x < 27; ++x) hidden[y * 50 + x] = true;
  }
  Image damaged = image;
  for (size_t i = 0; i < hidden.size(); ++i) {
    for (size_t c = 0; c < 3 && hidden[i]; ++c) damaged.rgb_HWC[3 * i + c] = 255;
  }
  const Image filled = filled_in(damaged, hidden);
  for (size_t i = 0; i < hidden.size(); ++i) {
    const int difference = filled.rgb_HWC[3 * i] - image.rgb_HWC[3 * i];
    // The ramp rises by 24 + 10 over the hole; the middle of it is met, no end is far off.
    if (hidden[i]) {
      EXPECT_LE(std::abs(difference), 12) << i;
    } else {
      EXPECT_EQ(difference, 0) << i;
    }
  }
}

TEST(FillIn, OneColourAroundIsTheColourInside) {
  Image image{9, 7, std::vector<uint8_t>(9 * 7 * 3, 200)};
  std::vector<bool> hidden(9 * 7, true);
  for (const size_t visible : {0U, 6U, 62U}) {
    hidden[visible] = false;
    image.rgb_HWC[3 * visible] = 31;
    image.rgb_HWC[3 * visible + 1] = 32;
    image.rgb_HWC[3 * visible + 2] = 33;
  }
  const Image filled = filled_in(image, hidden);
  for (size_t i = 0; i < filled.rgb_HWC.size(); ++i) {
    EXPECT_EQ(filled.rgb_HWC[i], 31 + i % 3) << i;
  }
}

TEST(FillIn, NothingVisibleIsBlack) {
  const Image image{2, 3, std::vector<uint8_t>(18, 9)};
  EXPECT_EQ(filled_in(image, std::vector<bool>(6, true)).rgb_HWC, std::vector<uint8_t>(18, 0));
}

}  // namespace
}  // namespace lmc::image
