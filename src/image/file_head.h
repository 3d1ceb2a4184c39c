// What the heads of image files say beyond their size: whether the image stands upright, and
// how its colours are stored. The pixels are not touched.
//
// A malformed head says nothing: it is for the decoder to refuse it.
// Cost: linear in the file's chunks.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "image/traits.h"

namespace lmc::image {

struct FileHead {
  Traits traits;
  int orientation = 1;     // 1 to 8, see orientation.h
  int64_t num_pixels = 0;  // 0: it does not say
};

// Each gets bytes that start with the format's signature.
FileHead head_of_jpeg(std::string_view bytes);
FileHead head_of_png(std::string_view bytes);
FileHead head_of_webp(std::string_view bytes);
FileHead head_of_gif(std::string_view bytes);
FileHead head_of_bmp(std::string_view bytes);
FileHead head_of_tiff(std::string_view bytes);

// The head with an orientation: EXIF's, or where that says nothing, XMP's.
FileHead with_orientation(FileHead head, std::string_view exif, std::string_view xmp);

}  // namespace lmc::image
