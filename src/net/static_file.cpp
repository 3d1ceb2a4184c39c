#include "net/static_file.h"

#include <algorithm>

#include "base/sha256.h"  // sha256_hex

namespace lmc::net {

namespace {

// Whether a list of entity tags, as If-None-Match has it, names this one. Weak tags compare alike.
bool names_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string_view entry = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (entry.starts_with(' ') || entry.starts_with('\t')) entry.remove_prefix(1);
    while (entry.ends_with(' ') || entry.ends_with('\t')) entry.remove_suffix(1);
    if (entry.starts_with("W/")) entry.remove_prefix(2);
    if (entry == tag || entry == "*") return true;
  }
  return false;
}

}  // namespace

const std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

Handler static_file_handler(const StaticFile& file) {
  const std::string tag = "\"" + sha256_hex(file.bytes).substr(0, 32) + "\"";
  return [file, tag](const ServerRequest& request) {
    ServerReply reply;
    reply.content_type = file.content_type;
    reply.headers = {{"ETag", tag},
                     {"Cache-Control", "no-cache"},
                     {"Content-Security-Policy", std::string(kPagePolicy)},
                     {"X-Content-Type-Options", "nosniff"},
                     {"Referrer-Policy", "no-referrer"},
                     {"Cross-Origin-Opener-Policy", "same-origin"},
                     {"Cross-Origin-Resource-Policy", "same-origin"}};
    if (names_tag(request.headers.get("If-None-Match"), tag)) {
      reply.status = 304;
    } else {
      reply.body = file.bytes;
    }
    return reply;
  };
}

}  // namespace lmc::net
