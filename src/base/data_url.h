// base64 and "data:" URLs: how an image travels inside JSON.
//
// Source: RFC 4648 sections 4 and 5, RFC 2397. Written in the plain form; read in those that
// clients send: with line breaks and blanks, in the URL-safe alphabet, without padding. What may
// have lost something (stray bits, a wrong padding) is refused.
// Errors: InputError. The text itself is never part of a message: it is a patient's image.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lmc {

std::string base64_encode(std::string_view bytes);
std::string base64_decode(std::string_view text, std::string_view where);

struct DataUrl {
  std::string media_type;  // lower case, without parameters: "image/png"
  std::string bytes;
};

// "data:<media type>[;parameter=value];base64,<text>" of at most `max_bytes` decoded bytes; names
// in any case, the text plain or percent-encoded.
DataUrl parse_data_url(std::string_view url, size_t max_bytes, std::string_view where);

std::string make_data_url(std::string_view media_type, std::string_view bytes);

}  // namespace lmc
