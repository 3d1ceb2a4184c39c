// WebP through libwebp; of an animation, which libwebp's simple decoder refuses, nothing is read.
#include <webp/decode.h>

#include "base/check.h"    // InputError
#include "image/decode.h"  // check_size

namespace lmc::image {

Image decode_webp(std::string_view bytes, std::string_view where) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  int width = 0;
  int height = 0;
  if (WebPGetInfo(data, bytes.size(), &width, &height) == 0) {
    throw InputError(where, "broken WebP: its header cannot be read");
  }
  check_size(height, width, where);
  Image image{height, width,
              std::vector<uint8_t>(static_cast<size_t>(width) * static_cast<size_t>(height) * 3)};
  if (WebPDecodeRGBInto(data, bytes.size(), image.rgb_HWC.data(), image.rgb_HWC.size(),
                        width * 3) == nullptr) {
    throw InputError(where, "broken WebP, or an animation");
  }
  return image;
}

}  // namespace lmc::image
