// WebP through libwebp; of an animation the first frame, on a transparent canvas.
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "base/check.h"    // InputError
#include "image/decode.h"  // check_size, over_white

namespace lmc::image {

namespace {

Image blended(const uint8_t* rgba, int64_t height, int64_t width) {
  const auto count = static_cast<size_t>(height * width);
  Image image{height, width, std::vector<uint8_t>(count * 3)};
  for (size_t i = 0; i < count; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      image.rgb_HWC[3 * i + c] = over_white(rgba[4 * i + c], rgba[4 * i + 3]);
    }
  }
  return image;
}

struct Delete {
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

// As Pillow reads it.
Image first_frame(std::string_view bytes, int64_t height, int64_t width, std::string_view where) {
  const WebPData data = {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  const std::unique_ptr<WebPAnimDecoder, Delete> decoder(WebPAnimDecoderNew(&data, nullptr));
  uint8_t* canvas = nullptr;
  int time = 0;
  if (decoder == nullptr || WebPAnimDecoderGetNext(decoder.get(), &canvas, &time) == 0) {
    throw InputError(where, "broken WebP: its first frame cannot be decoded");
  }
  return blended(canvas, height, width);
}

}  // namespace

Image decode_webp(std::string_view bytes, int64_t max_pixels, std::string_view where) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK) {
    throw InputError(where, "broken WebP: its header cannot be read");
  }
  const int64_t height = features.height;
  const int64_t width = features.width;
  check_size(height, width, max_pixels, where);
  if (features.has_animation != 0) return first_frame(bytes, height, width, where);
  const bool has_alpha = features.has_alpha != 0;
  const int64_t channels = has_alpha ? 4 : 3;
  std::vector<uint8_t> pixels(static_cast<size_t>(height * width * channels));
  const auto decode = has_alpha ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  if (decode(data, bytes.size(), pixels.data(), pixels.size(),
             static_cast<int>(width * channels)) == nullptr) {
    throw InputError(where, "broken WebP: its pixels cannot be decoded");
  }
  if (has_alpha) return blended(pixels.data(), height, width);
  return {height, width, std::move(pixels)};
}

}  // namespace lmc::image
