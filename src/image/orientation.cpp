#include "image/orientation.h"

#include <algorithm>
#include <array>

namespace lmc::image {

namespace {

constexpr uint32_t kOrientationTag = 274;

// Numbers of a TIFF block in its byte order; nothing beyond its end.
class TiffReader {
 public:
  explicit TiffReader(std::string_view bytes) : bytes_(bytes) {
    for (const std::string_view big :
         {std::string_view("MM\0*", 4), std::string_view("MM*\0", 4)}) {
      is_big_ = is_big_ || bytes.starts_with(big);
    }
    is_tiff_ = is_big_;
    for (const std::string_view little :
         {std::string_view("II*\0", 4), std::string_view("II\0*", 4)}) {
      is_tiff_ = is_tiff_ || bytes.starts_with(little);
    }
  }

  bool is_tiff() const { return is_tiff_; }

  // `size` 1, 2, 4 or 8 bytes.
  std::optional<uint64_t> number(uint64_t at, uint64_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) return std::nullopt;
    uint64_t value = 0;
    for (uint64_t i = 0; i < size; ++i) {
      const uint64_t place = is_big_ ? i : size - 1 - i;
      value = value << 8U | static_cast<unsigned char>(bytes_[at + place]);
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool is_big_ = false;
  bool is_tiff_ = false;
};

// Bytes of one value of a TIFF type; 0: an unknown type.
uint64_t size_of_type(uint64_t type) {
  constexpr std::array<uint64_t, 17> kSizes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8};
  return type < kSizes.size() ? kSizes[type] : 0;
}

// The types whose values are whole numbers; Pillow takes a BYTE for text.
bool is_whole_number(uint64_t type) {
  return type == 3 || type == 4 || type == 6 || type == 8 || type == 9 || type == 13 || type == 16;
}

// Pixels of `source` at start + y * down + x * across, the steps in pixels.
struct Walk {
  int64_t start = 0;
  int64_t across = 1;
  int64_t down = 1;
};

Walk walk_of(int orientation, int64_t height, int64_t width) {
  switch (orientation) {
    case 2:
      return {width - 1, -1, width};
    case 3:
      return {height * width - 1, -1, -width};
    case 4:
      return {(height - 1) * width, 1, -width};
    case 5:
      return {0, width, 1};
    case 6:
      return {(height - 1) * width, -width, 1};
    case 7:
      return {height * width - 1, -width, -1};
    default:
      return {width - 1, width, -1};
  }
}

}  // namespace

std::optional<int> exif_orientation(std::string_view exif) {
  constexpr std::string_view kMark("Exif\0\0", 6);
  for (int i = 0; i < 2 && exif.starts_with(kMark); ++i) exif.remove_prefix(kMark.size());
  const TiffReader tiff(exif);
  const auto directory = tiff.number(4, 4);
  if (!tiff.is_tiff() || !directory) return std::nullopt;
  const uint64_t count = tiff.number(*directory, 2).value_or(0);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t entry = *directory + 2 + 12 * i;
    if (!tiff.number(entry, 8) || !tiff.number(entry + 8, 4)) return std::nullopt;  // cut short
    if (*tiff.number(entry, 2) != kOrientationTag) continue;
    const uint64_t type = *tiff.number(entry + 2, 2);
    const uint64_t num_values = *tiff.number(entry + 4, 4);
    const uint64_t bytes = num_values * size_of_type(type);
    if (bytes == 0) continue;
    // Values of more than four bytes in all stand elsewhere.
    const uint64_t at = bytes > 4 ? *tiff.number(entry + 8, 4) : entry + 8;
    const auto value = tiff.number(at, size_of_type(type));
    if (!value || !tiff.number(at + bytes - 1, 1)) continue;
    return is_whole_number(type) && *value <= 8 ? static_cast<int>(*value) : 0;
  }
  return std::nullopt;
}

std::optional<int> xmp_orientation(std::string_view xmp) {
  constexpr std::string_view kName = "tiff:Orientation";
  for (size_t at = xmp.find(kName); at != xmp.npos; at = xmp.find(kName, at + 1)) {
    std::string_view rest = xmp.substr(at + kName.size());
    if (rest.starts_with("=\"")) {
      rest.remove_prefix(2);
    } else if (rest.starts_with(">")) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') return rest[0] - '0';
  }
  return std::nullopt;
}

Image turned_upright(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const Walk walk = walk_of(orientation, image.height_px, image.width_px);
  Image upright{image.height_px, image.width_px, std::vector<uint8_t>(image.rgb_HWC.size())};
  if (orientation >= 5) std::swap(upright.height_px, upright.width_px);
  // Block by block, since one of the two images is passed through across its rows.
  constexpr int64_t kBlock = 64;
  for (int64_t top = 0; top < upright.height_px; top += kBlock) {
    const int64_t bottom = std::min(top + kBlock, upright.height_px);
    for (int64_t left = 0; left < upright.width_px; left += kBlock) {
      const int64_t right = std::min(left + kBlock, upright.width_px);
      for (int64_t y = top; y < bottom; ++y) {
        uint8_t* out = upright.rgb_HWC.data() + 3 * (y * upright.width_px + left);
        for (int64_t x = left; x < right; ++x) {
          const uint8_t* pixel =
              image.rgb_HWC.data() + 3 * (walk.start + y * walk.down + x * walk.across);
          out = std::copy_n(pixel, 3, out);
        }
      }
    }
  }
  return upright;
}

}  // namespace lmc::image
