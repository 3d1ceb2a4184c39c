// base64 and "data:" URLs: how a picture travels inside JSON.
//
// Source: RFC 4648 section 4, RFC 2397. Strict: padding is required, blanks and stray bits are
// refused, so every byte string has one spelling.
// Errors: InputError. The text itself is never part of a message: it is a patient's picture.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lmc::net {

std::string base64_encode(std::string_view bytes);
std::string base64_decode(std::string_view text, std::string_view where);

struct DataUrl {
  std::string media_type;  // lower case, without parameters: "image/png"
  std::string bytes;
};

// "data:<media type>[;parameter=value];base64,<text>" of at most `max_bytes` decoded bytes.
DataUrl parse_data_url(std::string_view url, size_t max_bytes, std::string_view where);

std::string make_data_url(std::string_view media_type, std::string_view bytes);

}  // namespace lmc::net
