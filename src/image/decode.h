// The decoders behind decode(), one a file format; each gets bytes that start with its signature.
// Their images stand as they are stored; transparency is resolved.
//
// Errors: InputError for anything that is not a whole, well-formed image of at most `max_pixels`.
// Threads: pure functions.
#pragma once

#include <string_view>

#include "image/image.h"  // Image

namespace lmc::image {

void check_size(int64_t height_px, int64_t width_px, int64_t max_pixels, std::string_view where);

// What three components are where the file's own marks do not say it: YCbCr, as a file of its own is
// to be read.
enum class JpegColours : uint8_t { kYcc, kRgb };

Image decode_jpeg(std::string_view bytes, int64_t max_pixels, std::string_view where,
                  JpegColours unmarked = JpegColours::kYcc);
Image decode_png(std::string_view bytes, int64_t max_pixels, std::string_view where);
Image decode_webp(std::string_view bytes, int64_t max_pixels, std::string_view where);
Image decode_gif(std::string_view bytes, int64_t max_pixels, std::string_view where);
Image decode_bmp(std::string_view bytes, int64_t max_pixels, std::string_view where);
Image decode_tiff(std::string_view bytes, int64_t max_pixels, std::string_view where);

// By the first bytes, of a kind that is read. A build without libtiff (LMC_TIFF) reads no TIFF.
bool is_bmp(std::string_view bytes);
bool is_tiff(std::string_view bytes);

// A value of `alpha` 0 to 255 over white, rounded as Pillow's alpha_composite rounds it.
inline uint8_t over_white(uint8_t value, uint8_t alpha) {
  constexpr uint32_t kMoreBits = 7;
  const uint32_t sum = ((uint32_t{value} * alpha + uint32_t{255} * (255U - alpha)) << kMoreBits) +
                       (128U << kMoreBits);
  return static_cast<uint8_t>(((sum >> 8U) + sum) >> 8U >> kMoreBits);
}

// Pillow's CMYK to RGB: 255 - clip(c * (255 - k) / 255 + k), rounded as its MULDIV255 does.
inline uint8_t rgb_from_ink(int ink, int black) {
  const int product = ink * (255 - black) + 128;
  const int sum = (((product >> 8) + product) >> 8) + black;
  return static_cast<uint8_t>(sum > 255 ? 0 : 255 - sum);
}

}  // namespace lmc::image
