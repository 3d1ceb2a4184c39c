#include "serve/page_routes.h"

#include <string>
#include <string_view>

#include "base/check.h"        // cat, LMC_CHECK
#include "net/static_file.h"   // static_file_handler
#include "serve/page_files.h"  // page_files

namespace lmc::serve {

namespace {

const char* content_type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  LMC_CHECK(name.ends_with(".js"), "no type is known for ", name);
  return "text/javascript; charset=utf-8";
}

}  // namespace

void add_page(net::HttpServer& http) {
  for (const PageFile& file : page_files()) {
    const std::string path = file.name == "index.html" ? "/" : cat("/page/", file.name);
    http.public_route(path, net::static_file_handler({content_type_of(file.name), file.text}));
  }
}

}  // namespace lmc::serve
