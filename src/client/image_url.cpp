#include "client/image_url.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

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
constexpr int kEncoderVersion = 2;
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

// The bytes to send.
std::string encoded(std::string_view file, const std::string& path, int64_t max_area_px) {
  image::Decoded decoded = image::decode_with_traits(file, path);
  image::Image& image = decoded.image;
  if (max_area_px > 0 && image.height_px * image.width_px > max_area_px) {
    image = image::resize_bicubic(image, size_within(image, max_area_px));
  }
  const bool is_plain_jpeg = image::is_portable(file, decoded.traits) && image::is_jpeg(file);
  return is_plain_jpeg ? image::encode_jpeg(image, kJpegQuality) : image::encode_png(image);
}

// An entry is this line, and the bytes to send.
constexpr std::string_view kBeginning = "litemedcot picture: written anew\n";

// A power cut may leave the beginning of one, or zeros behind it.
bool is_whole(std::string_view entry) {
  if (!entry.starts_with(kBeginning)) return false;
  entry.remove_prefix(kBeginning.size());
  return (image::is_jpeg(entry) && entry.ends_with("\xff\xd9")) ||
         (image::is_png(entry) && entry.ends_with("IEND\xae\x42\x60\x82"));
}

// Nothing when there is none (any more) or it is damaged.
std::optional<std::string> read_entry(const std::string& name) {
  if (!file_exists(name)) return std::nullopt;
  try {
    std::string entry = read_file(name);
    if (is_whole(entry)) return entry;
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
  return image::file_data_url(encoded(read_image(path, dicom), path, max_area_px));
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
  if (const auto entry = read_entry(name)) {
    return image::file_data_url(std::string_view(*entry).substr(kBeginning.size()));
  }
  const std::string bytes = encoded(file, path, max_area_px);
  keep(folder, name, cat(kBeginning, bytes));
  return image::file_data_url(bytes);
}

}  // namespace lmc::client
