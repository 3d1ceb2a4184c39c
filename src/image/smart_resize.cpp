#include <cmath>

#include "base/check.h"        // InputError
#include "image/preprocess.h"  // smart_resize

namespace lmc::image {

namespace {

constexpr double kMaxAspectRatio = 200;

// Python's round(): halves go to the even neighbour, which is the default rounding of nearbyint.
int64_t round_to(double side, int64_t factor) {
  return static_cast<int64_t>(std::nearbyint(side / static_cast<double>(factor))) * factor;
}

}  // namespace

SizePx smart_resize(SizePx source, const PreprocessOptions& options, std::string_view where) {
  if (source.height < 1 || source.width < 1) {
    throw InputError(where, cat("an image of ", source.width, "x", source.height, " px is empty"));
  }
  const auto height = static_cast<double>(source.height);
  const auto width = static_cast<double>(source.width);
  if (std::max(height, width) / std::min(height, width) > kMaxAspectRatio) {
    throw InputError(
        where,
        cat("an image of ", source.width, "x", source.height,
            " px is too long; its sides may differ by a factor of ", kMaxAspectRatio, " at most"),
        "crop it");
  }
  const int64_t factor = options.patch_size_px * options.merge_size;
  const auto unit = static_cast<double>(factor);
  SizePx target{round_to(height, factor), round_to(width, factor)};
  const int64_t area = target.height * target.width;
  if (area > options.max_area_px) {
    const double shrink = std::sqrt(height * width / static_cast<double>(options.max_area_px));
    const auto fit = [&](double side) {
      return std::max(factor, static_cast<int64_t>(std::floor(side / shrink / unit)) * factor);
    };
    target = {fit(height), fit(width)};
  } else if (area < options.min_area_px) {
    const double grow = std::sqrt(static_cast<double>(options.min_area_px) / (height * width));
    const auto fit = [&](double side) {
      return static_cast<int64_t>(std::ceil(side * grow / unit)) * factor;
    };
    target = {fit(height), fit(width)};
  }
  return target;
}

}  // namespace lmc::image
