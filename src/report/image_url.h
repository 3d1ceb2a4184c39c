// Images that travel inside the page.
#pragma once

#include <cstdint>
#include <string>

namespace lmc::report {

// The image as a data URL, as the model saw it, encoded anew and without metadata: of a small PNG or
// JPEG of upright 8-bit gray or RGB in its size and kind; else with the longer side at most
// `max_side_px`, as JPEG, or as PNG when the file is no plain one and that stays small. Empty when
// the file cannot be read.
std::string image_url(const std::string& path, int64_t max_side_px = 384);

// A smaller one, by the same rules.
std::string thumbnail_url(const std::string& path);

}  // namespace lmc::report
