#include "serve/page_routes.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"        // cat, LMC_CHECK
#include "base/sha256.h"       // sha256_hex
#include "serve/api_error.h"   // ApiError, error_reply
#include "serve/page_files.h"  // page_files

namespace lmc::serve {

namespace {

// Scripts, styles and requests of this server alone; images also out of the page's own memory.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const char* content_type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  LMC_CHECK(name.ends_with(".js"), "no type is known for ", name);
  return "text/javascript; charset=utf-8";
}

class PageServer {
 public:
  PageServer() {
    for (const PageFile& file : page_files()) {
      files_[file.name] = {file.text, content_type_of(file.name),
                           cat("\"", sha256_hex(file.text).substr(0, 32), "\"")};
    }
  }

  net::ServerReply reply(std::string_view name, const net::ServerRequest& request) const {
    const auto found = files_.find(name);
    if (found == files_.end()) return error_reply(ApiError(404, "the page has no such file"));
    const File& file = found->second;
    net::ServerReply reply;
    reply.content_type = file.content_type;
    reply.headers = {{"ETag", file.tag},
                     {"Cache-Control", "no-cache"},  // kept, and asked after before it is used
                     {"Content-Security-Policy", kPolicy},
                     {"X-Content-Type-Options", "nosniff"},
                     {"Referrer-Policy", "no-referrer"},
                     {"Cross-Origin-Resource-Policy", "same-origin"}};
    if (request.headers.get("If-None-Match") == file.tag) {
      reply.status = 304;
    } else {
      reply.body = file.text;
    }
    return reply;
  }

 private:
  struct File {
    std::string_view text;
    const char* content_type = "";
    std::string tag;
  };
  std::map<std::string_view, File> files_;
};

}  // namespace

void add_page(net::HttpServer& http) {
  const auto page = std::make_shared<const PageServer>();
  http.route("GET", "/", [page](const net::ServerRequest& request) {
    return page->reply("index.html", request);
  });
  http.route("GET", "/page/*", [page](const net::ServerRequest& request) {
    return page->reply(std::string_view(request.path).substr(std::string_view("/page/").size()),
                       request);
  });
}

}  // namespace lmc::serve
