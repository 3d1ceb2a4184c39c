#include "image/image.h"

#include "base/check.h"    // InputError
#include "base/files.h"    // read_file
#include "image/decode.h"  // decode_jpeg, decode_png, decode_webp

namespace lmc::image {

void check_size(int64_t height_px, int64_t width_px, std::string_view where) {
  if (height_px < 1 || width_px < 1) {
    throw InputError(where, cat("a picture of ", width_px, "x", height_px, " px is empty"));
  }
  if (width_px > kMaxPixels / height_px) {
    throw InputError(where, cat("a picture of ", width_px, "x", height_px,
                                " px is too large; at most ", kMaxPixels, " pixels"));
  }
}

Image decode(std::string_view bytes, std::string_view where) {
  if (bytes.starts_with("\xff\xd8\xff")) return decode_jpeg(bytes, where);
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return decode_png(bytes, where);
  if (bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") {
    return decode_webp(bytes, where);
  }
  throw InputError(where, "not a JPEG, PNG or WebP picture", "convert it to PNG first");
}

Image read_image(const std::string& path) { return decode(read_file(path), path); }

}  // namespace lmc::image
