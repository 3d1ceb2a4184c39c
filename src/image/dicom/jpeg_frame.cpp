// Which of the two JPEG decoders a frame needs.
#include <utility>

#include "base/check.h"    // InputError
#include "image/decode.h"  // decode_jpeg
#include "image/dicom/codecs.h"

namespace lmc::image::dicom {

namespace {

struct FrameHead {
  unsigned marker = 0;  // C0 to CF; 0: there is none
  unsigned precision = 0;
};

FrameHead frame_head_of(std::string_view jpeg) {
  const auto byte_at = [jpeg](size_t at) { return static_cast<unsigned char>(jpeg[at]); };
  size_t at = 2;
  while (at + 4 < jpeg.size()) {
    if (byte_at(at) != 0xFF) return {};
    const unsigned marker = byte_at(at + 1);
    if (marker == 0xFF) {  // fill
      ++at;
      continue;
    }
    if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
      return {marker, byte_at(at + 4)};
    }
    at += 2 + (static_cast<size_t>(byte_at(at + 2)) << 8U | byte_at(at + 3));
  }
  return {};
}

}  // namespace

Samples decode_jpeg_frame(std::string_view frame, const PixelFormat& format,
                          std::string_view where) {
  const FrameHead head = frame_head_of(frame);
  const bool is_dct = head.marker >= 0xC0 && head.marker <= 0xC2;
  if (!is_dct || head.precision != 8) return decode_huffman_jpeg(frame, format, where);
  const bool is_grey = format.samples_per_pixel == 1;
  // Without a mark in the frame the file says what its three components are.
  const auto unmarked = format.colours == Colours::kRgb ? JpegColours::kRgb : JpegColours::kYcc;
  Image image = decode_jpeg(frame, format.rows * format.columns, where, unmarked);
  if (image.height_px != format.rows || image.width_px != format.columns) {
    throw InputError(where, "broken DICOM: its JPEG frame is of another size");
  }
  Samples samples(format, 8);
  if (is_grey) {
    for (size_t i = 0; i < samples.bytes.size(); ++i) samples.bytes[i] = image.rgb_HWC[3 * i];
  } else {
    samples.bytes = std::move(image.rgb_HWC);
    samples.colours = Colours::kRgb;
  }
  return samples;
}

}  // namespace lmc::image::dicom
