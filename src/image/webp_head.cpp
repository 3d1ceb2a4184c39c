// Source: WebP container specification (RFC 9649): VP8X, VP8L, EXIF and XMP chunks. As libwebp does
// for Pillow, metadata counts only when the extended header announces it; the first of a kind.
#include <webp/decode.h>

#include <algorithm>

#include "image/file_head.h"

namespace lmc::image {

namespace {

constexpr size_t kFirstChunk = 12;
constexpr unsigned kAlphaFlag = 0x10;
constexpr unsigned kExifFlag = 0x08;
constexpr unsigned kXmpFlag = 0x04;
constexpr unsigned kAnimationFlag = 0x02;

unsigned byte_at(std::string_view bytes, size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

FileHead head_of_webp(std::string_view bytes) {
  FileHead head;
  int width = 0;
  int height = 0;
  if (WebPGetInfo(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), &width, &height) !=
      0) {
    head.num_pixels = int64_t{width} * height;
  }
  std::string_view exif, xmp;
  unsigned flags = 0;
  size_t at = kFirstChunk;
  while (at <= bytes.size() && bytes.size() - at >= 8) {
    const std::string_view type = bytes.substr(at, 4);
    size_t length = 0;
    for (size_t i = 4; i > 0; --i) length = length << 8U | byte_at(bytes, at + 3 + i);
    if (length > bytes.size() - at - 8) break;
    const std::string_view data = bytes.substr(at + 8, length);
    if (type == "VP8X" && length >= 10) flags = byte_at(data, 0);
    // The lossless header: 14 bits of width, 14 of height, then whether alpha is used.
    if (type == "VP8L" && length >= 5 && at == kFirstChunk && (byte_at(data, 4) & 0x10U) != 0) {
      flags |= kAlphaFlag;
    }
    if (type == "EXIF" && exif.empty()) exif = data;
    if (type == "XMP " && xmp.empty()) xmp = data;
    at += 8 + length + length % 2;
  }
  if ((flags & kAlphaFlag) != 0) head.traits.add(Trait::kAlpha);
  if ((flags & kAnimationFlag) != 0) head.traits.add(Trait::kFrames);
  if ((flags & kExifFlag) == 0) exif = {};
  if ((flags & kXmpFlag) == 0) xmp = {};
  return with_orientation(head, exif, xmp);
}

}  // namespace lmc::image
