// What a chat server is told when it starts, and what that means to the layers below.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"         // Field
#include "infer/sampling.h"      // SamplingOptions
#include "net/http_server.h"     // HttpServerOptions
#include "serve/chat_request.h"  // ChatLimits

namespace lmc::serve {

struct ServeOptions {
  std::string host = "127.0.0.1";
  int64_t port = 8080;
  std::string api_key_env;
  std::string tls_certificate;
  std::string tls_key;
  bool allow_plain_http = false;
  int64_t max_batch = 16;
  int64_t max_waiting = 256;
  int64_t gather_ms = 0;
  int64_t max_reply_tokens = 8192;
  int64_t max_images = 8;
  int64_t max_body_mib = 64;
  bool log_requests = false;
  std::string ready_file;

  std::vector<Field> fields();
};

// Errors: InputError for a token that the environment has not.
net::HttpServerOptions http_options(const ServeOptions& options);

ChatLimits limits_of(const ServeOptions& options, const infer::SamplingOptions& defaults);

// "https://127.0.0.1:8080/v1", where clients find the protocol.
std::string base_url(const ServeOptions& options, int port);

}  // namespace lmc::serve
