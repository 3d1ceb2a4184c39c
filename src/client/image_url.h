// A question's image as it is sent to an endpoint.
//
// What is sent: the file's own bytes when it is a JPEG or PNG within the area and holds upright
// 8-bit gray or RGB, which everyone decodes alike. Else the pixels that the student sees, made
// smaller where they are too many: as JPEG when a plain JPEG was too large, as PNG otherwise. Every
// image is decoded once, so that a broken one is found before it is paid for. A DICOM file itself
// is never sent, as its header names the patient: its pixels are, as PNG, where that is allowed and
// the file does not say that text is burned into them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lmc::client {

enum class DicomPixels : uint8_t { kRefused, kSent };

// Whether the pixels of a DICOM file may be sent.
// Errors: InputError when not.
void check_dicom(std::string_view path, bool has_burned_in_text, DicomPixels dicom);

// A data: URL. `max_area_px` 0: no limit.
// Errors: InputError for a file that cannot be read or decoded, and for DICOM that is not sent.
std::string image_url(const std::string& path, int64_t max_area_px,
                      DicomPixels dicom = DicomPixels::kRefused);

// The same from a folder where the work is kept, so that each image is decoded and encoded once
// for all runs. An entry is named by the image's hash, the area and the versions of encoder and
// decoder and written whole; of an image that is sent as it is, only that it can be decoded is
// kept. A damaged entry is made anew. Entries that are no longer wanted may be deleted at any time.
// Threads and processes: any number may call at once.
class ImageUrlCache {
 public:
  // Makes the folder.
  // Errors: InputError.
  explicit ImageUrlCache(std::string folder, DicomPixels dicom = DicomPixels::kRefused);

  // `sha256` is of the file's bytes, as `prepare` wrote it down; empty: not checked.
  // Errors: as image_url, and InputError when the file is no longer the one with that hash.
  std::string get(const std::string& path, const std::string& sha256, int64_t max_area_px) const;

 private:
  std::string folder_;
  DicomPixels dicom_;
};

}  // namespace lmc::client
