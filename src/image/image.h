// A decoded image: 8-bit RGB, row by row. Everything below the model sees images in this form.
//
// How files become pixels is decided here alone (docs/decisions/0008-images.md): upright, white
// behind what is transparent, CMYK as Pillow reads it, 16 bits scaled to what is in use. Whoever
// reads an image file of the user calls decode() or read_image(), so that preparation, teacher,
// training, evaluation, server and report see the same pixels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"         // InputError
#include "image/dicom_facts.h"  // DicomView, DicomFacts
#include "image/traits.h"

namespace lmc::image {

struct Image {
  int64_t height_px = 0;
  int64_t width_px = 0;
  std::vector<uint8_t> rgb_HWC;  // height_px * width_px * 3
};

// To be raised when decode() makes other pixels or traits of a file than before: part of the name
// of whatever is kept of decoded images under the hash of their files.
inline constexpr int kDecodeVersion = 3;

// More pixels than this are refused before memory is taken: twice Pillow's warning limit, the size
// at which Pillow, too, refuses.
inline constexpr int64_t kMaxPixels = int64_t{2} * 89478485;
// What decoding takes at most, its result included. Pixels that take more count for several.
inline constexpr int64_t kMaxBytesPerPixel = 13;

// More pixels than may be decoded.
struct ImageTooLarge : InputError {
  using InputError::InputError;
};

struct Decoded {
  Image image;
  Traits traits;  // empty: the file holds just these pixels, upright and in 8 bits
  std::optional<DicomFacts> dicom;
};

struct DecodeOptions {
  int64_t max_pixels = kMaxPixels;
  DicomView view;
};

// Decodes JPEG (gray, YCbCr, RGB, CMYK, YCCK), PNG, WebP, TIFF, BMP and GIF to what transformers'
// loader and image processor see: Pillow's pixels after ImageOps.exif_transpose, over white. 16-bit
// files alone are read otherwise: Pillow makes them white or black (docs/FORMATS.md, "pictures").
// Of an animated PNG the still image is read, of other files of several images the first. DICOM is
// shown by a window, of several frames one (docs/decisions/0018-image-formats.md).
// `where` names the image in errors.
// Errors: InputError for anything that cannot be decoded whole; a file of a known other kind is
// called by its name.
Decoded decode_with_traits(std::string_view bytes, std::string_view where,
                           int64_t max_pixels = kMaxPixels);
Decoded decode_with_traits(std::string_view bytes, std::string_view where,
                           const DecodeOptions& options);
Image decode(std::string_view bytes, std::string_view where);
Image read_image(const std::string& path);

// What the file's head says, without decoding; nothing of what is no image.
Traits traits_of(std::string_view bytes);
// 0: the head does not say. Who relies on it gives it to decode_with_traits() as the most there may
// be.
int64_t num_pixels_of(std::string_view bytes);

std::string encode_png(const Image& image);
std::string encode_jpeg(const Image& image, int quality);

}  // namespace lmc::image
