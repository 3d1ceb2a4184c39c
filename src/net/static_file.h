// Files of a page that are part of the program: bytes with a type, an entity tag, and headers that
// let the page do no more than it must.
//
// Threads: any.
// Source: RFC 9110 section 13.1.2 (If-None-Match); Content Security Policy Level 3 (W3C).
#pragma once

#include <string>
#include <string_view>

#include "net/http_server.h"  // Handler

namespace lmc::net {

struct StaticFile {
  std::string content_type;  // "text/html; charset=utf-8"
  std::string_view bytes;    // outlive the server
};

// For GET. A browser asks each time whether its copy is still good (304), so a program that was
// updated shows no old page.
Handler static_file_handler(const StaticFile& file);

// Scripts, styles and requests of the page's own origin alone, images also of blob: and data:, which
// a picked file is; nothing inline, no frame around it.
extern const std::string_view kPagePolicy;

}  // namespace lmc::net
