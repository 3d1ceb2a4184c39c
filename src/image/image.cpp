#include "image/image.h"

#include <utility>

#include "base/check.h"            // InputError
#include "base/files.h"            // read_file
#include "image/decode.h"          // decode_jpeg, decode_png, ...
#include "image/dicom/data_set.h"  // is_dicom
#include "image/dicom/dicom.h"     // decode_dicom
#include "image/file_head.h"       // head_of_jpeg, head_of_png, ...
#include "image/foreign_file.h"    // foreign_kind_of
#include "image/orientation.h"     // turned_upright
#include "image/portable_file.h"   // is_jpeg, is_png

namespace lmc::image {

namespace {

struct Format {
  FileHead (*head)(std::string_view bytes);
  Image (*decode)(std::string_view bytes, int64_t max_pixels, std::string_view where);
};

Image decode_jpeg_file(std::string_view bytes, int64_t max_pixels, std::string_view where) {
  return decode_jpeg(bytes, max_pixels, where);
}

// Null: no image, or DICOM.
const Format* format_of(std::string_view bytes) {
  static constexpr Format kJpeg = {head_of_jpeg, decode_jpeg_file};
  static constexpr Format kPng = {head_of_png, decode_png};
  static constexpr Format kWebp = {head_of_webp, decode_webp};
  static constexpr Format kGif = {head_of_gif, decode_gif};
  static constexpr Format kBmp = {head_of_bmp, decode_bmp};
  static constexpr Format kTiff = {head_of_tiff, decode_tiff};
  if (dicom::is_dicom(bytes)) return nullptr;  // first: its preamble may hold another file's head
  if (is_jpeg(bytes)) return &kJpeg;
  if (is_png(bytes)) return &kPng;
  if (bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP")
    return &kWebp;
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return &kGif;
  if (is_tiff(bytes)) return &kTiff;
  if (is_bmp(bytes)) return &kBmp;
  return nullptr;
}

[[noreturn]] void refuse(std::string_view bytes, std::string_view where) {
  constexpr char kExpected[] = "expected a JPEG, PNG, WebP, TIFF, BMP, GIF or DICOM image";
  const size_t kind = foreign_kind_of(bytes);
  if (kind == 0)
    throw InputError(where, cat(kExpected, ", found another file"), "convert it to PNG first");
  throw InputError(where, cat(kExpected, ", found: ", foreign_kind(kind).name),
                   foreign_kind(kind).hint);
}

}  // namespace

void check_size(int64_t height_px, int64_t width_px, int64_t max_pixels, std::string_view where) {
  if (height_px < 1 || width_px < 1) {
    throw InputError(where, cat("an image of ", width_px, "x", height_px, " px is empty"));
  }
  if (width_px > max_pixels / height_px) {
    throw ImageTooLarge(where, cat("an image of ", width_px, "x", height_px,
                                   " px is too large; at most ", max_pixels, " pixels"));
  }
}

Decoded decode_with_traits(std::string_view bytes, std::string_view where,
                           const DecodeOptions& options) {
  if (dicom::is_dicom(bytes)) {
    dicom::Shown shown = dicom::decode_dicom(bytes, options.view, options.max_pixels, where);
    return {std::move(shown.image), shown.traits, std::move(shown.facts)};
  }
  const Format* format = format_of(bytes);
  if (format == nullptr) refuse(bytes, where);
  const FileHead head = format->head(bytes);
  Image stored = format->decode(bytes, options.max_pixels, where);
  return {turned_upright(std::move(stored), head.orientation), head.traits, std::nullopt};
}

Decoded decode_with_traits(std::string_view bytes, std::string_view where, int64_t max_pixels) {
  DecodeOptions options;
  options.max_pixels = max_pixels;
  return decode_with_traits(bytes, where, options);
}

Image decode(std::string_view bytes, std::string_view where) {
  return decode_with_traits(bytes, where).image;
}

Image read_image(const std::string& path) { return decode(read_file(path), path); }

Traits traits_of(std::string_view bytes) {
  if (dicom::is_dicom(bytes)) return dicom::head_of_dicom(bytes).traits;
  const Format* format = format_of(bytes);
  return format == nullptr ? Traits{} : format->head(bytes).traits;
}

int64_t num_pixels_of(std::string_view bytes) {
  if (dicom::is_dicom(bytes)) return dicom::head_of_dicom(bytes).num_pixels;
  const Format* format = format_of(bytes);
  return format == nullptr ? 0 : format->head(bytes).num_pixels;
}

}  // namespace lmc::image
