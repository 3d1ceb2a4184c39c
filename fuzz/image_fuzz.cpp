// Any bytes as an image file: it is refused in one line, or it has the pixels that it says, and
// these written as PNG are a plain file of the same pixels.
#include <cstdint>
#include <string_view>

#include "base/check.h"          // InputError
#include "image/foreign_file.h"  // foreign_kind_of
#include "image/image.h"
#include "require.h"

namespace lmc {
namespace {

// Small ones alone, so that an input that claims more takes no time.
constexpr int64_t kMaxPixels = int64_t{1} << 16U;

void check(std::string_view bytes) {
  const image::Traits traits = image::traits_of(bytes);
  FUZZ_REQUIRE(image::Traits::of_names(traits.names()) == traits);
  image::Decoded decoded;
  try {
    decoded = image::decode_with_traits(bytes, "fuzz", kMaxPixels);
  } catch (const InputError& error) {
    FUZZ_REQUIRE(std::string_view(error.what()).find('\n') == std::string_view::npos);
    return;
  }
  const image::Image& image = decoded.image;
  FUZZ_REQUIRE(image.height_px > 0 && image.width_px > 0);
  FUZZ_REQUIRE(image.height_px * image.width_px <= kMaxPixels);
  FUZZ_REQUIRE(image.rgb_HWC.size() == static_cast<size_t>(image.height_px * image.width_px * 3));
  FUZZ_REQUIRE(decoded.traits == traits);
  FUZZ_REQUIRE(image::foreign_kind_of(bytes) == 0);
  FUZZ_REQUIRE(decoded.dicom.has_value() == traits.has(image::Trait::kDicom));
  if (decoded.dicom) {
    FUZZ_REQUIRE(decoded.dicom->frame >= 1 && decoded.dicom->frame <= decoded.dicom->num_frames);
    image::DecodeOptions options;
    options.view = {decoded.dicom->frame, decoded.dicom->window};
    FUZZ_REQUIRE(image::decode_with_traits(bytes, "fuzz", options).image.rgb_HWC == image.rgb_HWC);
  }
  const std::string png = image::encode_png(image);
  const image::Decoded again = image::decode_with_traits(png, "png", kMaxPixels);
  FUZZ_REQUIRE(again.traits.is_plain());
  FUZZ_REQUIRE(again.image.rgb_HWC == image.rgb_HWC);
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lmc::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
