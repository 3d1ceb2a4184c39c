#include "image/portable_file.h"

#include "base/check.h"     // LMC_CHECK
#include "base/data_url.h"  // make_data_url

namespace lmc::image {

bool is_jpeg(std::string_view file) { return file.starts_with("\xff\xd8\xff"); }
bool is_png(std::string_view file) { return file.starts_with("\x89PNG\r\n\x1a\n"); }

bool is_portable(std::string_view file, const Traits& traits) {
  return traits.is_plain() && (is_jpeg(file) || is_png(file));
}

std::string file_data_url(std::string_view file) {
  LMC_CHECK(is_jpeg(file) || is_png(file), "no JPEG and no PNG");
  return make_data_url(is_jpeg(file) ? "image/jpeg" : "image/png", file);
}

}  // namespace lmc::image
