#include "teacher/picture.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/files.h"        // read_file
#include "image/image.h"       // decode, encode_jpeg, encode_png
#include "image/preprocess.h"  // resize_bicubic
#include "net/data_url.h"      // make_data_url

namespace lmc::teacher {

namespace {

image::SizePx size_within(const image::Image& picture, int64_t max_area_px) {
  const auto area = static_cast<double>(picture.height_px * picture.width_px);
  const double scale = std::sqrt(static_cast<double>(max_area_px) / area);
  const auto scaled = [&](int64_t side_px) {  // of a thin strip, one side stays at 1
    const auto exact = static_cast<int64_t>(static_cast<double>(side_px) * scale);
    return std::clamp<int64_t>(exact, 1, max_area_px);
  };
  return {scaled(picture.height_px), scaled(picture.width_px)};
}

}  // namespace

std::string picture_url(const std::string& path, int64_t max_area_px) {
  constexpr int kJpegQuality = 95;
  const std::string file = read_file(path);
  image::Image picture = image::decode(file, path);
  const bool is_jpeg = file.starts_with("\xff\xd8\xff");
  const bool is_png = file.starts_with("\x89PNG\r\n\x1a\n");
  const bool fits = max_area_px == 0 || picture.height_px * picture.width_px <= max_area_px;
  if (fits && is_jpeg) return net::make_data_url("image/jpeg", file);
  if (fits && is_png) return net::make_data_url("image/png", file);
  if (!fits) picture = image::resize_bicubic(picture, size_within(picture, max_area_px));
  if (is_jpeg) return net::make_data_url("image/jpeg", image::encode_jpeg(picture, kJpegQuality));
  return net::make_data_url("image/png", image::encode_png(picture));
}

}  // namespace lmc::teacher
