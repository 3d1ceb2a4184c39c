// Source: ITU-T T.81 annex B (markers), Exif 2.3 section 4.7 (APP1). Which segments count follows
// Pillow: all APP1 "Exif" segments before the scan are one block, of XMP packets the last counts.
#include <string>

#include "image/file_head.h"
#include "image/orientation.h"  // exif_orientation, xmp_orientation

namespace lmc::image {

namespace {

constexpr std::string_view kExifMark("Exif\0\0", 6);
constexpr std::string_view kXmpMark("http://ns.adobe.com/xap/1.0/\0", 29);

bool has_no_length(unsigned marker) {
  return marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD9) || marker == 0xC8 ||
         (marker >= 0xF0 && marker <= 0xFD);
}

bool is_frame(unsigned marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

unsigned byte_at(std::string_view bytes, size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

FileHead with_orientation(FileHead head, std::string_view exif, std::string_view xmp) {
  auto orientation = exif_orientation(exif);
  if (!orientation) orientation = xmp_orientation(xmp);
  head.orientation = orientation && *orientation >= 1 && *orientation <= 8 ? *orientation : 1;
  if (head.orientation != 1) head.traits.add(Trait::kTurned);
  return head;
}

FileHead head_of_jpeg(std::string_view bytes) {
  FileHead head;
  std::string exif;
  std::string_view xmp;
  size_t at = 2;  // behind the start marker
  while (true) {
    while (at < bytes.size() && byte_at(bytes, at) != 0xFF) ++at;  // junk between segments
    while (at < bytes.size() && byte_at(bytes, at) == 0xFF) ++at;
    if (at >= bytes.size()) break;
    const unsigned marker = byte_at(bytes, at++);
    if (has_no_length(marker)) continue;
    if (marker == 0xDA || bytes.size() - at < 2) break;  // the scan begins
    const size_t length = byte_at(bytes, at) << 8U | byte_at(bytes, at + 1);
    if (length < 2 || length > bytes.size() - at) break;
    const std::string_view segment = bytes.substr(at + 2, length - 2);
    at += length;
    if (is_frame(marker) && segment.size() >= 6) {
      const unsigned height = byte_at(segment, 1) << 8U | byte_at(segment, 2);
      const unsigned width = byte_at(segment, 3) << 8U | byte_at(segment, 4);
      head.num_pixels = int64_t{height} * int64_t{width};
      if (byte_at(segment, 5) == 4) head.traits.add(Trait::kCmyk);
    } else if (marker == 0xE1 && segment.starts_with(kExifMark)) {
      exif += exif.empty() ? segment : segment.substr(kExifMark.size());
    } else if (marker == 0xE1 && segment.starts_with(kXmpMark)) {
      xmp = segment.substr(kXmpMark.size());
    }
  }
  return with_orientation(head, exif, xmp);
}

}  // namespace lmc::image
