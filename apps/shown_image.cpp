#include "apps/shown_image.h"

#include <iostream>
#include <utility>

#include "base/files.h"  // read_file

namespace lmc::apps {

image::Image read_shown_image(const std::string& path) {
  image::Decoded decoded = image::decode_with_traits(read_file(path), path);
  const std::string done = image::treatments_of(decoded.traits);
  if (!done.empty()) std::cerr << "note: " << path << ": " << done << "\n";
  return std::move(decoded.image);
}

}  // namespace lmc::apps
