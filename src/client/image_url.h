// A question's image as it is sent to an endpoint.
//
// What is sent are pixels alone, those that the student sees, made smaller where they are too many,
// and encoded anew: a file may hold a patient's name in its metadata, behind its end, or as a
// preview from before it was cut. Of a JPEG with upright 8-bit gray or RGB a JPEG of quality 95,
// whose pixels differ a little; of any other file a PNG, whose pixels do not. The same pixels of the
// same kind of file give the same bytes. Every image is decoded, so that a broken one is found
// before it is paid for. A DICOM file's pixels are sent only where that is allowed and the file does
// not say that text is burned into them.
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
// Errors: InputError for a file that cannot be read or decoded, and for DICOM that is not sent;
// PassingError.
std::string image_url(const std::string& path, int64_t max_area_px,
                      DicomPixels dicom = DicomPixels::kRefused);

// The same from a folder where the work is kept, so that each image is decoded and encoded once
// for all runs. An entry is named by the image's hash, the area and the versions of encoder and
// decoder and written whole; a damaged one is made anew. Entries that are no longer wanted may be
// deleted at any time.
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
