// An image by a formula, which the scripts of the goldens know too. For tests.
#pragma once

#include <cstdint>

#include "image/image.h"  // Image

namespace lmc::image {

// As pattern() in tools/golden/image.py and tools/golden/picture_settings.py.
inline Image pattern(int64_t height, int64_t width) {
  Image image{height, width, {}};
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < 3; ++c) {
        image.rgb_HWC.push_back(static_cast<uint8_t>(
            (x * x * 3 + y * 7 * (c + 1) + x * y / 5 + (x / 8 + y / 8) % 2 * 90) % 256));
      }
    }
  }
  return image;
}

}  // namespace lmc::image
