// "%41" and its like, in URLs.
//
// Source: RFC 3986 section 2.1.
#pragma once

#include <string>
#include <string_view>

namespace lmc {

// What is no escape stays as it is.
std::string percent_decoded(std::string_view text);

}  // namespace lmc
