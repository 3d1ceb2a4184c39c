// The clinician's page: GET / and GET /page/<file>.
//
// Embedded in the program, so that nothing is installed and nothing loaded from elsewhere; the content
// policy tells the browser to hold it to that (net/static_file.h). Its files are public, so that it can
// ask for the token where one guards the server; all that it asks for after that is not.
#pragma once

#include "net/http_server.h"  // HttpServer

namespace lmc::serve {

void add_page(net::HttpServer& http);

}  // namespace lmc::serve
