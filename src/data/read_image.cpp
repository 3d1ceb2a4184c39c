#include "data/read_image.h"

#include "base/check.h"   // InputError
#include "base/files.h"   // read_file
#include "base/sha256.h"  // sha256_hex

namespace lmc::data {

namespace {

image::Decoded read(const std::string& path, const std::string& sha256) {
  const std::string bytes = read_file(path);
  if (!sha256.empty()) {
    const std::string found = sha256_hex(bytes);
    if (found != sha256) {
      throw InputError(path, cat("expected SHA-256 ", sha256, ", found ", found),
                       "the image changed after `prepare`");
    }
  }
  return image::decode_with_traits(bytes, path);
}

}  // namespace

image::Decoded read_decoded_image(const record::Question& question) {
  return read(question.image, question.image_sha256);
}

image::Image read_image(const std::string& path, const std::string& sha256) {
  return read(path, sha256).image;
}

image::Image read_image(const record::Question& question) {
  return read_image(question.image, question.image_sha256);
}

}  // namespace lmc::data
