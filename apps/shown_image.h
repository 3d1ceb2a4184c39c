// An image that the user names on the command line.
#pragma once

#include <string>

#include "image/image.h"  // Image

namespace lmc::apps {

// Decodes it; where that makes another image of the file than a naive reader would, a line on
// standard error says what was done: of a DICOM file which frame and window are shown, which others
// there are, and whether text may be burned in.
// Errors: InputError.
image::Image read_shown_image(const std::string& path, const image::DicomView& view = {});

}  // namespace lmc::apps
