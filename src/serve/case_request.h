// The bodies of POST /v1/view and POST /v1/ask: an image and what is asked of it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace lmc::serve {

struct CaseRequest {
  std::string image;                    // a file, as sent
  std::string question;                 // empty for /v1/view
  std::map<char, std::string> options;  // lettered in the order of the list; empty: a free answer
  bool stream = false;
};

inline constexpr size_t kMostOptions = 26;

// Errors: ApiError (400) with the member at fault.
CaseRequest parse_view_request(std::string_view body, size_t max_image_bytes);
CaseRequest parse_ask_request(std::string_view body, size_t max_image_bytes);

}  // namespace lmc::serve
