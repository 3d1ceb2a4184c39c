// How a DICOM file's pixels are stored.
//
// Source: DICOM PS3.3 C.7.6.3 (image pixel module), PS3.5 section 8 and annex A.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "image/dicom/data_set.h"  // File

namespace lmc::image::dicom {

enum class Encoding : uint8_t {
  kNative,
  kRle,
  kJpeg,  // baseline, extended and lossless
  kJpegLs,
  kJpeg2000,
};

enum class Colours : uint8_t {
  kGreyFromWhite,  // MONOCHROME1: the least value is white
  kGreyFromBlack,  // MONOCHROME2
  kPalette,
  kRgb,
  kYcc,     // YBR_FULL, and YBR_FULL_422 where each pixel has its own chroma
  kYcc422,  // YBR_FULL_422: two neighbours share their chroma
};

struct PixelFormat {
  Encoding encoding = Encoding::kNative;
  Colours colours = Colours::kGreyFromBlack;
  bool is_big_endian = false;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t num_frames = 1;
  int samples_per_pixel = 1;
  bool is_planar = false;  // all red samples first
  int bits_allocated = 8;  // 1, 8, 16 or 32
  int bits_stored = 8;
  int high_bit = 7;
  bool is_signed = false;

  bool is_grey() const {
    return colours == Colours::kGreyFromWhite || colours == Colours::kGreyFromBlack;
  }
};

// More frames than this are refused: a day of cine, or the tiles of a slide.
inline constexpr int64_t kMaxFrames = 1'000'000;

// Errors: InputError for a file without pixels, for kinds of pixels that are not read, and for
// numbers that do not fit each other or exceed `max_pixels`.
PixelFormat pixel_format_of(const File& file, int64_t max_pixels, std::string_view where);

// Pixels as kMaxPixels counts them: where decoding takes more than kMaxBytesPerPixel, more.
int64_t counted_pixels(const PixelFormat& format);

// The number of frames that the file states; 1 where it states none.
int64_t num_frames_of(const DataSet& data);

}  // namespace lmc::image::dicom
