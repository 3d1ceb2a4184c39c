// A decoded picture: 8-bit RGB, row by row. Everything below the model sees pictures in this form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::image {

struct Image {
  int64_t height_px = 0;
  int64_t width_px = 0;
  std::vector<uint8_t> rgb_HWC;  // height_px * width_px * 3
};

// Decodes JPEG (gray, YCbCr, RGB, CMYK, YCCK), PNG, WebP, ... to what Pillow's
// Image.open(f).convert("RGB") gives; EXIF orientation is not applied, alpha is dropped.
// `where` names the picture in errors. Errors: InputError for anything that cannot be decoded
// whole.
Image decode(std::string_view bytes, std::string_view where);
Image read_image(const std::string& path);

std::string encode_png(const Image& image);
std::string encode_jpeg(const Image& image, int quality);

}  // namespace lmc::image
