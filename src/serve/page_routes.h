// The clinician's page: GET / and GET /page/<file>.
//
// Embedded in the program, so that nothing is installed and nothing loaded from elsewhere; the content
// policy tells the browser to hold it to that (net/static_file.h).
#pragma once

#include "net/http_server.h"  // HttpServer

namespace lmc::serve {

void add_page(net::HttpServer& http);

}  // namespace lmc::serve
