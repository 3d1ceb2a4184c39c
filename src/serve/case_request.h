// The bodies of POST /v1/view, /v1/ask and /v1/sentences: an image and what is asked of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "image/dicom_facts.h"  // DicomView

namespace lmc::serve {

struct CaseRequest {
  std::string image;                    // a file, as sent
  image::DicomView view;                // of DICOM
  std::string question;                 // empty for /v1/view
  std::map<char, std::string> options;  // lettered in the order of the list; empty: a free answer
  bool stream = false;
  // Of /v1/sentences alone.
  std::string reply;
  std::string method;  // the kind of map that is wished for; empty: none
};

// The reader's own answer to a case in the audit log.
struct OverrideRequest {
  int64_t record = 0;
  std::string answer;  // a letter of its options; empty: none of them
};

inline constexpr size_t kMostOptions = 26;

// Errors: ApiError (400) with the member at fault.
CaseRequest parse_view_request(std::string_view body, size_t max_image_bytes);
CaseRequest parse_ask_request(std::string_view body, size_t max_image_bytes);
CaseRequest parse_sentences_request(std::string_view body, size_t max_image_bytes);

OverrideRequest parse_override_request(std::string_view body);

}  // namespace lmc::serve
