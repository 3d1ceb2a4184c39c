// How a camera was held, and the image turned accordingly.
//
// Source: Exif 2.3 section 4.6 (a TIFF directory in the file's head), XMP (tiff:Orientation). What
//         counts as well-formed follows Pillow's ImageOps.exif_transpose, which transformers'
//         load_image calls; where that one fails on a malformed block, the block is ignored here.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "image/image.h"  // Image

namespace lmc::image {

// The orientation that an EXIF block states (with or without "Exif\0\0" before it): 1 to 8, or
// another number, which turns nothing. Nothing when the block has no such entry.
std::optional<int> exif_orientation(std::string_view exif);

// The same of an XMP packet, which counts where EXIF says nothing.
std::optional<int> xmp_orientation(std::string_view xmp);

// The image upright. Orientation 2: mirrored left to right; 3: half a turn; 4: mirrored top to
// bottom; 5: mirrored along the main diagonal; 6: a quarter turn clockwise; 7: mirrored along the
// other diagonal; 8: a quarter turn counter-clockwise; others: as it is.
Image turned_upright(Image image, int orientation);

}  // namespace lmc::image
