#include "image/perceptual_hash.h"

#include <gtest/gtest.h>

#include "image/preprocess.h"  // resize_bicubic

namespace lmc::image {
namespace {

Image image(int64_t width, int64_t height, int64_t a, int64_t b, int64_t c) {
  Image image{height, width, {}};
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      image.rgb_HWC.push_back(static_cast<uint8_t>((x * x * a / width + y * b) % 256));
      image.rgb_HWC.push_back(static_cast<uint8_t>((y * y * c / height + x * a) % 256));
      image.rgb_HWC.push_back(static_cast<uint8_t>((x * y * b / height + 40) % 256));
    }
  }
  return image;
}

// A light disc on a dark ground: what a radiograph is to this hash.
Image disc(int64_t side, int64_t center_x) {
  Image image{side, side, {}};
  for (int64_t y = 0; y < side; ++y) {
    for (int64_t x = 0; x < side; ++x) {
      const int64_t dx = x - center_x * side / 100;
      const int64_t dy = y - side * 2 / 5;
      const bool is_inside = dx * dx + dy * dy < side * side / 16;
      image.rgb_HWC.insert(image.rgb_HWC.end(), 3,
                           static_cast<uint8_t>((is_inside ? 200 : 30) + x * 40 / side));
    }
  }
  return image;
}

// From tools/golden/data_perceptual_hash.py (numpy 2.4.6, SciPy 1.17.1): no coefficient is nearer
// to its median than 0.04, and the two sums differ by less than 1e-9.
TEST(PerceptualHash, AsNumpyAndScipyFindIt) {
  struct Case {
    int64_t width, height, a, b, c;
    uint64_t hash;
  };
  for (const Case& one :
       {Case{320, 200, 3, 2, 1, 0x010b1cf1ae0bfef1ULL},
        Case{97, 131, 2, 3, 5, 0x542b5795962dca99ULL}, Case{32, 32, 1, 5, 2, 0xbb22fea0af28ea88ULL},
        Case{1000, 33, 1, 1, 4, 0x01ab64cdd2b7aa4eULL}}) {
    EXPECT_EQ(perceptual_hash(image(one.width, one.height, one.a, one.b, one.c)), one.hash)
        << one.width << "x" << one.height;
  }
}

TEST(PerceptualHash, CopiesAreNearAndOthersFar) {
  const Image original = disc(200, 40);
  const uint64_t hash = perceptual_hash(original).value();
  const Image smaller = resize_bicubic(original, {90, 110});
  EXPECT_LE(hash_distance(hash, perceptual_hash(smaller).value()), 4);
  const Image recompressed = decode(encode_jpeg(original, 60), "copy");
  EXPECT_LE(hash_distance(hash, perceptual_hash(recompressed).value()), 4);
  EXPECT_GT(hash_distance(hash, perceptual_hash(disc(200, 65)).value()), 10);
}

TEST(PerceptualHash, TinyAndFlatImagesHaveNone) {
  EXPECT_FALSE(perceptual_hash(image(31, 200, 3, 2, 1)));
  EXPECT_FALSE(perceptual_hash({100, 100, std::vector<uint8_t>(30000, 77)}));
}

}  // namespace
}  // namespace lmc::image
