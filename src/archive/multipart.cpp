#include "archive/multipart.h"

#include "base/ascii_case.h"  // lower_case
#include "base/check.h"       // InputError
#include "base/sha256.h"      // sha256_hex

namespace lmc::archive {

namespace {

// RFC 2046: at most 70 characters, quoted where it has others than these.
std::string boundary_in(std::string_view content_type, std::string_view where) {
  const std::string lower = lower_case(content_type);
  const size_t found = lower.find("boundary=");
  if (!lower.starts_with("multipart/related") || found == lower.npos) {
    throw InputError(where, "expected multipart/related with a boundary");
  }
  std::string_view rest = content_type.substr(found + std::string_view("boundary=").size());
  const bool is_quoted = rest.starts_with('"');
  if (is_quoted) rest.remove_prefix(1);
  const std::string boundary(rest.substr(0, rest.find_first_of(is_quoted ? "\"" : "; \t")));
  constexpr size_t kMaxLength = 200;  // some servers make longer ones than 70
  if (boundary.empty() || boundary.size() > kMaxLength) {
    throw InputError(where, "expected a boundary between the parts");
  }
  return boundary;
}

}  // namespace

std::vector<std::string_view> parts_of(std::string_view body, std::string_view content_type,
                                       std::string_view where) {
  const std::string mark = "--" + boundary_in(content_type, where);
  std::vector<std::string_view> parts;
  size_t at = body.find(mark);
  while (at != body.npos) {
    at += mark.size();
    if (body.substr(at).starts_with("--")) return parts;  // the last one
    const size_t head_end = body.find("\r\n\r\n", at);
    const size_t next = head_end == body.npos ? body.npos : body.find("\r\n" + mark, head_end + 2);
    if (next == body.npos) break;
    // An empty part's line break is the boundary's own.
    const size_t begin = std::min(head_end + 4, next);
    parts.push_back(body.substr(begin, next - begin));
    at = next + 2;
  }
  throw InputError(where, "the body was cut: its last boundary is missing");
}

Multipart as_multipart(std::string_view part, std::string_view type) {
  // A hash of the part stands in it only if somebody broke SHA-256.
  const std::string boundary = sha256_hex(part);
  Multipart whole;
  whole.content_type = cat("multipart/related; type=\"", type, "\"; boundary=", boundary);
  whole.body = cat("--", boundary, "\r\nContent-Type: ", type, "\r\n\r\n", part, "\r\n--", boundary,
                   "--\r\n");
  return whole;
}

}  // namespace lmc::archive
