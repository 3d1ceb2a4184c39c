#include "client/image_url.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"            // InputError, cat
#include "base/files.h"            // read_file, AtomicFile
#include "base/sha256.h"           // sha256_hex
#include "image/dicom/data_set.h"  // is_dicom, read_what_is_there
#include "image/image.h"           // decode_with_traits, encode_jpeg, encode_png
#include "image/portable_file.h"   // file_data_url
#include "image/preprocess.h"      // resize_bicubic

namespace lmc::client {

namespace {

// Part of an entry's name: to be raised when other bytes would be written for the same image.
constexpr int kEncoderVersion = 1;
constexpr int kJpegQuality = 95;

std::string read_image(const std::string& path, DicomPixels dicom) {
  std::string file = read_file(path);
  if (!image::dicom::is_dicom(file)) return file;
  const image::dicom::File head = image::dicom::read_what_is_there(file);
  check_dicom(path, head.data.text(image::dicom::kBurnedInAnnotation) == "YES", dicom);
  return file;
}

image::SizePx size_within(const image::Image& image, int64_t max_area_px) {
  const auto area = static_cast<double>(image.height_px * image.width_px);
  const double scale = std::sqrt(static_cast<double>(max_area_px) / area);
  const auto scaled = [&](int64_t side_px) {  // of a thin strip, one side stays at 1
    const auto exact = static_cast<int64_t>(static_cast<double>(side_px) * scale);
    return std::clamp<int64_t>(exact, 1, max_area_px);
  };
  return {scaled(image.height_px), scaled(image.width_px)};
}

// The bytes to send instead of the file's own; empty: send the file as it is.
std::string encoded(std::string_view file, const std::string& path, int64_t max_area_px) {
  image::Decoded decoded = image::decode_with_traits(file, path);
  image::Image& image = decoded.image;
  const bool fits = max_area_px == 0 || image.height_px * image.width_px <= max_area_px;
  const bool is_portable = image::is_portable(file, decoded.traits);
  if (fits && is_portable) return {};
  if (!fits) image = image::resize_bicubic(image, size_within(image, max_area_px));
  return is_portable && image::is_jpeg(file) ? image::encode_jpeg(image, kJpegQuality)
                                             : image::encode_png(image);
}

std::string url_of(std::string_view file, std::string_view instead) {
  return image::file_data_url(instead.empty() ? file : instead);
}

// An entry is this line, and the bytes to send, if they are not the file's own.
constexpr std::string_view kOwnBytes = "litemedcot picture: as it is\n";
constexpr std::string_view kNewBytes = "litemedcot picture: written anew\n";

bool is_whole(std::string_view entry, std::string_view file) {
  if (entry == kOwnBytes) {
    return !image::dicom::is_dicom(file) && (image::is_jpeg(file) || image::is_png(file));
  }
  if (!entry.starts_with(kNewBytes)) return false;
  entry.remove_prefix(kNewBytes.size());
  return image::is_jpeg(entry) || image::is_png(entry);
}

// Nothing when there is none (any more) or it is damaged.
std::optional<std::string> read_entry(const std::string& name, std::string_view file) {
  if (!file_exists(name)) return std::nullopt;
  try {
    std::string entry = read_file(name);
    if (is_whole(entry, file)) return entry;
  } catch (const InputError&) {  // deleted a moment ago
  }
  return std::nullopt;
}

// A cache that cannot be written costs time, not a question.
void keep(const std::string& folder, const std::string& name, const std::string& entry) {
  try {
    make_folder(folder);
    AtomicFile file(name);
    file.write(entry);
    file.commit(/*durable=*/false);
  } catch (const InputError&) {
  }
}

}  // namespace

void check_dicom(std::string_view path, bool has_burned_in_text, DicomPixels dicom) {
  if (dicom == DicomPixels::kRefused) {
    throw InputError(path, "is a DICOM file, whose header names the patient: it is not sent",
                     "export it as PNG, or let its pixels alone be sent: --allow-upload");
  }
  if (has_burned_in_text) {
    throw InputError(path,
                     "is a DICOM file that says that text is burned into its pixels: they are not "
                     "sent",
                     "export the image as PNG, with no name burned into it");
  }
}

std::string image_url(const std::string& path, int64_t max_area_px, DicomPixels dicom) {
  const std::string file = read_image(path, dicom);
  return url_of(file, encoded(file, path, max_area_px));
}

ImageUrlCache::ImageUrlCache(std::string folder, DicomPixels dicom)
    : folder_(std::move(folder)), dicom_(dicom) {
  make_folder(folder_);
}

std::string ImageUrlCache::get(const std::string& path, const std::string& sha256,
                               int64_t max_area_px) const {
  const std::string file = read_image(path, dicom_);
  const std::string hash = sha256_hex(file);
  if (!sha256.empty() && hash != sha256) {
    throw InputError(path, cat("has SHA-256 ", hash, ", expected ", sha256),
                     "the image was changed since `prepare`: prepare the questions again");
  }
  // 256 folders, so that none holds more entries than a file system likes.
  const std::string folder = cat(folder_, "/", hash.substr(0, 2));
  const std::string name =
      cat(folder, "/", hash, "-", max_area_px, "-", kEncoderVersion, "-", image::kDecodeVersion);
  if (const auto entry = read_entry(name, file)) {
    const bool own = *entry == kOwnBytes;
    return url_of(file,
                  own ? std::string_view() : std::string_view(*entry).substr(kNewBytes.size()));
  }
  const std::string instead = encoded(file, path, max_area_px);
  keep(folder, name, instead.empty() ? std::string(kOwnBytes) : cat(kNewBytes, instead));
  return url_of(file, instead);
}

}  // namespace lmc::client
