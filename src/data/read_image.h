// The image of a question, as training and evaluation read it.
#pragma once

#include <string>

#include "image/image.h"      // Image, Decoded
#include "record/question.h"  // Question

namespace lmc::data {

// Errors: InputError when the file is missing, cannot be decoded, or is no longer the one whose
// SHA-256 `prepare` wrote down.
image::Image read_image(const record::Question& question);

// The same with what is known of the file.
image::Decoded read_decoded_image(const record::Question& question);

// The image by path; an empty hash is not checked.
image::Image read_image(const std::string& path, const std::string& sha256);

}  // namespace lmc::data
