#include "image/dicom/pixel_format.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/check.h"    // InputError
#include "image/decode.h"  // check_size

namespace lmc::image::dicom {

namespace {

constexpr std::string_view kToPng = "export the image as PNG, with no name burned into it";

struct Syntax {
  std::string_view uid;  // behind "1.2.840.10008.1.2"
  Encoding encoding;
};

constexpr std::array kSyntaxes = {
    Syntax{"", Encoding::kNative},       // implicit little-endian
    Syntax{".1", Encoding::kNative},     // explicit little-endian
    Syntax{".1.99", Encoding::kNative},  // deflated
    Syntax{".2", Encoding::kNative},     // big-endian
    Syntax{".5", Encoding::kRle},         Syntax{".4.50", Encoding::kJpeg},  // baseline
    Syntax{".4.51", Encoding::kJpeg},                                        // extended
    Syntax{".4.57", Encoding::kJpeg},                                        // lossless
    Syntax{".4.70", Encoding::kJpeg},      // lossless, first-order prediction
    Syntax{".4.80", Encoding::kJpegLs},    // lossless
    Syntax{".4.81", Encoding::kJpegLs},    // near-lossless
    Syntax{".4.90", Encoding::kJpeg2000},  // lossless
    Syntax{".4.91", Encoding::kJpeg2000},
};

constexpr std::array kColours = {
    std::pair{"MONOCHROME1", Colours::kGreyFromWhite},
    std::pair{"MONOCHROME2", Colours::kGreyFromBlack},
    std::pair{"PALETTE COLOR", Colours::kPalette},
    std::pair{"RGB", Colours::kRgb},
    std::pair{"YBR_FULL", Colours::kYcc},
    std::pair{"YBR_FULL_422", Colours::kYcc422},
    std::pair{"YBR_RCT", Colours::kRgb},  // JPEG 2000's decoder undoes these two
    std::pair{"YBR_ICT", Colours::kRgb},
};

// What the pixels themselves look like, for a file that does not say or says something else.
Encoding looks_like(const Element& pixels, std::string_view where) {
  if (!pixels.has_undefined_length) return Encoding::kNative;
  const std::vector<std::string_view> fragments = fragments_of(pixels, where);
  if (fragments.size() < 2) return Encoding::kJpeg;
  const std::string_view first = fragments[1];
  if (first.starts_with("\xFF\x4F\xFF\x51") || first.substr(0, 8).ends_with("jP  ")) {
    return Encoding::kJpeg2000;
  }
  return first.starts_with("\xFF\xD8") ? Encoding::kJpeg : Encoding::kRle;
}

Encoding encoding_of(const File& file, const Element& pixels, std::string_view where) {
  constexpr std::string_view kRoot = "1.2.840.10008.1.2";
  const std::string_view syntax = file.transfer_syntax;
  if (syntax.empty()) return looks_like(pixels, where);
  for (const Syntax& one : kSyntaxes) {
    if (!syntax.starts_with(kRoot) || syntax.substr(kRoot.size()) != one.uid) continue;
    // Some writers compress and forget to say so.
    const bool is_native = one.encoding == Encoding::kNative;
    return is_native == pixels.has_undefined_length ? looks_like(pixels, where) : one.encoding;
  }
  // What is no UID of the standard is not repeated: a message holds nothing that could be a name.
  const bool is_standard = syntax.starts_with("1.2.840.10008.") && syntax.size() <= 32 &&
                           syntax.find_first_not_of(".0123456789") == syntax.npos;
  throw InputError(
      where, cat("DICOM's transfer syntax ", is_standard ? syntax : "of this file", " is not read"),
      kToPng);
}

[[noreturn]] void refuse(std::string_view where, std::string_view problem) {
  throw InputError(where, cat("broken DICOM: ", problem));
}

void check_bits(const PixelFormat& format, std::string_view where) {
  const auto [allocated, stored] = std::pair{format.bits_allocated, format.bits_stored};
  if (allocated == 0) refuse(where, "it does not say of how many bits its pixels are");
  if (allocated != 1 && allocated != 8 && allocated != 16 && allocated != 32) {
    throw InputError(where, cat("DICOM pixels of ", allocated, " bits are not read"), kToPng);
  }
  if (stored < 1 || stored > allocated || format.high_bit < stored - 1 ||
      format.high_bit >= allocated) {
    refuse(where, cat("of ", allocated, " bits ", stored, " up to bit ", format.high_bit,
                      " cannot be used"));
  }
}

}  // namespace

int64_t counted_pixels(const PixelFormat& format) {
  const int64_t sample_bytes = (format.bits_allocated + 7) / 8;
  const int64_t stored = format.samples_per_pixel * sample_bytes;
  // OpenJPEG holds eight bytes a sample; else the samples become grey, and RGB.
  constexpr int64_t kOpenJpeg = 8, kShown = 4;
  const int64_t bytes = format.encoding == Encoding::kJpeg2000
                            ? kOpenJpeg * format.samples_per_pixel + stored
                            : stored + kShown;
  const int64_t num_pixels = format.rows * format.columns;
  return std::max(num_pixels, (num_pixels * bytes + kMaxBytesPerPixel - 1) / kMaxBytesPerPixel);
}

int64_t num_frames_of(const DataSet& data) {
  const std::vector<double> values = data.decimals(kNumberOfFrames);
  if (values.empty() || values[0] < 1 || values[0] > 1e15) return 1;
  return static_cast<int64_t>(values[0]);
}

PixelFormat pixel_format_of(const File& file, int64_t max_pixels, std::string_view where) {
  const DataSet& data = file.data;
  if (data.find(kFloatPixels) != nullptr || data.find(kDoublePixels) != nullptr) {
    throw InputError(where, "DICOM pixels of floating point are not read", kToPng);
  }
  const Element* pixels = data.find(kPixels);
  const auto rows = data.word(kRows);
  const auto columns = data.word(kColumns);
  if (pixels == nullptr || !rows || !columns) {
    throw InputError(where, "expected an image, found: DICOM without pixels",
                     "it is a report, a plan or a measurement");
  }
  PixelFormat format;
  format.encoding = encoding_of(file, *pixels, where);
  format.is_big_endian = pixels->form.is_big_endian;
  format.rows = *rows;
  format.columns = *columns;
  format.num_frames = num_frames_of(data);
  if (format.num_frames > kMaxFrames) {
    throw InputError(where, cat("DICOM of ", format.num_frames, " frames; at most ", kMaxFrames));
  }
  format.samples_per_pixel = data.word(kSamplesPerPixel).value_or(1);
  format.is_planar = data.word(kPlanarConfiguration).value_or(0) == 1;
  format.bits_allocated = data.word(kBitsAllocated).value_or(0);
  format.bits_stored = data.word(kBitsStored).value_or(format.bits_allocated);
  format.high_bit = data.word(kHighBit).value_or(format.bits_stored - 1);
  format.is_signed = data.word(kPixelRepresentation).value_or(0) == 1;
  const std::string name = data.text(kPhotometricInterpretation);
  bool is_known = false;
  for (const auto& [known, colours] : kColours) {
    if (name != known) continue;
    format.colours = colours;
    is_known = true;
  }
  if (name.empty()) {  // required, but old files lack it
    format.colours = format.samples_per_pixel == 1 ? Colours::kGreyFromBlack : Colours::kRgb;
  } else if (!is_known) {
    throw InputError(where, "DICOM's photometric interpretation of this file is not read", kToPng);
  }
  const int expected = format.is_grey() || format.colours == Colours::kPalette ? 1 : 3;
  if (format.samples_per_pixel != expected) {
    refuse(where, cat("expected ", expected, " samples a pixel, found ", format.samples_per_pixel));
  }
  check_bits(format, where);
  check_size(format.rows, format.columns, max_pixels, where);
  if (counted_pixels(format) > max_pixels) {
    throw ImageTooLarge(where, cat("an image of ", format.columns, "x", format.rows, " px and ",
                                   format.bits_allocated, " bits is too large in this encoding"));
  }
  return format;
}

}  // namespace lmc::image::dicom
