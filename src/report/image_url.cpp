#include "report/image_url.h"

#include <algorithm>

#include "base/check.h"           // InputError
#include "base/files.h"           // read_file
#include "image/image.h"          // decode_with_traits, encode_jpeg, encode_png
#include "image/portable_file.h"  // file_data_url
#include "image/preprocess.h"     // resize_bicubic

namespace lmc::report {

namespace {

constexpr int kSmallQuality = 90;  // of a JPEG that is not made smaller

image::SizePx within(const image::Image& image, int64_t max_side_px) {
  const int64_t longer = std::max(image.height_px, image.width_px);
  if (longer <= max_side_px) return {image.height_px, image.width_px};
  const auto scaled = [&](int64_t side) {
    return std::max<int64_t>(1, side * max_side_px / longer);
  };
  return {scaled(image.height_px), scaled(image.width_px)};
}

// A file of at most `small_file_bytes` keeps its size in pixels. A page is handed on, so nothing but
// pixels goes into it.
std::string url_of(const std::string& path, int64_t max_side_px, size_t small_file_bytes,
                   int jpeg_quality) {
  try {
    const std::string bytes = read_file(path);
    const auto [image, traits, dicom] = image::decode_with_traits(bytes, path);
    if (image::is_portable(bytes, traits) && bytes.size() <= small_file_bytes) {
      return image::file_data_url(image::is_jpeg(bytes) ? image::encode_jpeg(image, kSmallQuality)
                                                        : image::encode_png(image));
    }
    const image::Image shown = image::resize_bicubic(image, within(image, max_side_px));
    if (!traits.is_plain()) {
      const std::string png = image::encode_png(shown);
      if (png.size() <= small_file_bytes) return image::file_data_url(png);
    }
    return image::file_data_url(image::encode_jpeg(shown, jpeg_quality));
  } catch (const InputError&) {
    return {};  // the page says that the image is not there
  }
}

}  // namespace

std::string image_url(const std::string& path, int64_t max_side_px) {
  return url_of(path, max_side_px, 40'000, 85);
}

std::string thumbnail_url(const std::string& path) { return url_of(path, 224, 6'000, 75); }

}  // namespace lmc::report
