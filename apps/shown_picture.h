// A picture that the user names on the command line.
#pragma once

#include <string>

#include "image/image.h"  // Image

namespace lmc::apps {

// Decodes it; where that makes another picture of the file than a naive reader would, a line on
// standard error says what was done.
// Errors: InputError.
image::Image read_shown_picture(const std::string& path);

}  // namespace lmc::apps
