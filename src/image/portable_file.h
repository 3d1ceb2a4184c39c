// Image files that every program decodes alike, and how they travel inside a text.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "image/traits.h"  // Traits

namespace lmc::image {

// By its first bytes.
bool is_jpeg(std::string_view file);
bool is_png(std::string_view file);

// A JPEG or PNG that holds upright 8-bit gray or RGB: it needs not be written anew for others to
// see the pixels that decode() makes of it.
bool is_portable(std::string_view file, const Traits& traits);

// "data:image/png;base64,...", of a JPEG's or PNG's bytes.
std::string file_data_url(std::string_view file);

}  // namespace lmc::image
