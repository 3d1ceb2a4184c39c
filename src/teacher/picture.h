// A question's picture as it is sent to the teacher.
#pragma once

#include <cstdint>
#include <string>

namespace lmc::teacher {

// A data: URL with the file's own bytes when it is a JPEG or PNG within the area, else the picture
// made smaller or written anew: as JPEG when it was one, as PNG otherwise. `max_area_px` 0: no
// limit. Every picture is decoded, so that a broken one is found before it is paid for. Errors:
// InputError for a file that cannot be read or decoded.
std::string picture_url(const std::string& path, int64_t max_area_px);

class PictureCache {
 public:
  explicit PictureCache(std::string folder) : folder_(std::move(folder)) {}
  std::string get(const std::string& path, const std::string&, int64_t max_area_px) const {
    return picture_url(path, max_area_px);
  }

 private:
  std::string folder_;
};

}  // namespace lmc::teacher
