// multipart/related: how DICOMweb packs files into one body.
// Source: RFC 2046 section 5.1, RFC 2387.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lmc::archive {

// The bodies of the parts. `content_type` is the header field's value, which names the boundary.
// Errors: InputError for a body that is none or is cut; `where` names the sender.
std::vector<std::string_view> parts_of(std::string_view body, std::string_view content_type,
                                       std::string_view where);

struct Multipart {
  std::string content_type;
  std::string body;
};

// One part. `type` is the part's media type; the boundary does not occur in it.
Multipart as_multipart(std::string_view part, std::string_view type);

}  // namespace lmc::archive
