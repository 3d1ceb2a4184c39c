// The decoders behind decode(), one a file format; each gets bytes that start with its signature.
//
// Errors: InputError for anything that is not a whole, well-formed picture.
// Threads: pure functions.
#pragma once

#include <string_view>

#include "image/image.h"  // Image

namespace lmc::image {

// More pixels than this are refused before memory is taken: twice Pillow's warning limit, the size
// at which Pillow, too, refuses.
inline constexpr int64_t kMaxPixels = int64_t{2} * 89478485;

void check_size(int64_t height_px, int64_t width_px, std::string_view where);

Image decode_jpeg(std::string_view bytes, std::string_view where);
Image decode_png(std::string_view bytes, std::string_view where);
Image decode_webp(std::string_view bytes, std::string_view where);

}  // namespace lmc::image
