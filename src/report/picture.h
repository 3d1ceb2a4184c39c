// Pictures that travel inside the page.
#pragma once

#include <cstdint>
#include <string>

namespace lmc::report {

// The picture as a data URL: the file itself when it is a small PNG or JPEG, else a JPEG whose
// longer side is at most `max_side_px`. Empty when the file cannot be read.
std::string picture_url(const std::string& path, int64_t max_side_px = 384);

// A small one: always a JPEG unless the file itself is no larger.
std::string thumbnail_url(const std::string& path);

}  // namespace lmc::report
