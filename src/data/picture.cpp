#include "data/picture.h"

#include "base/check.h"   // InputError
#include "base/files.h"   // read_file
#include "base/sha256.h"  // sha256_hex

namespace lmc::data {

image::Image read_picture(const record::Question& question) {
  const std::string bytes = read_file(question.image);
  if (!question.image_sha256.empty()) {
    const std::string found = sha256_hex(bytes);
    if (found != question.image_sha256) {
      throw InputError(question.image,
                       cat("expected SHA-256 ", question.image_sha256, ", found ", found),
                       "the picture changed after `prepare`");
    }
  }
  return image::decode(bytes, question.image);
}

}  // namespace lmc::data
