#include "serve/serve_options.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/check.h"  // InputError, cat

namespace lmc::serve {

namespace {

std::string token_from_environment(const std::string& variable) {
  if (variable.empty()) return {};
  const char* found = std::getenv(variable.c_str());
  // A token from a file comes with a line break, which clients take away as well.
  std::string token = found == nullptr ? "" : found;
  token.erase(token.find_last_not_of("\r\n") + 1);
  if (token.empty()) {
    throw InputError("--api-key-env", cat("the environment has no variable ", variable));
  }
  return token;
}

}  // namespace

std::vector<Field> ServeOptions::fields() {
  return {
      {"host", "address to listen on; one beyond this machine needs --api-key-env and TLS", &host},
      {"port", "port to listen on; 0: any free one", &port, from_to(0, 65535)},
      {"api-key-env", "environment variable with the token that clients must show", &api_key_env},
      {"tls-certificate", "PEM file of the certificate, for https", as_file(&tls_certificate)},
      {"tls-key", "PEM file of its private key, without a passphrase", as_file(&tls_key)},
      {"allow-plain-http",
       "beyond this machine without TLS: token and images can be read on the way",
       &allow_plain_http},
      {"max-batch", "requests that run together", &max_batch, from_to(1, 65536)},
      {"max-waiting", "requests that may wait; more are answered 503", &max_waiting,
       from_to(1, 1'000'000)},
      {"gather-ms", "how long an idle engine waits for others; who comes later joins anyway",
       &gather_ms, at_least(0)},
      {"max-reply-tokens", "most tokens of a reply; who asks for more gets as many",
       &max_reply_tokens, at_least(1)},
      {"max-images", "most images in a request", &max_images, at_least(0)},
      {"max-body-mib", "largest request, in MiB", &max_body_mib, from_to(1, 65536)},
      {"log-requests", "write a line a request: counts and times, no content", &log_requests},
      {"ready-file", "written with the base URL once requests are taken, for scripts",
       as_file(&ready_file)},
  };
}

net::HttpServerOptions http_options(const ServeOptions& options) {
  net::HttpServerOptions http;
  http.host = options.host;
  http.port = static_cast<int>(options.port);
  http.bearer_token = token_from_environment(options.api_key_env);
  http.max_body_bytes = static_cast<size_t>(options.max_body_mib) << 20;
  // Every request that waits or runs holds a thread; the rest are for others and for being told
  // that the queue is full.
  const auto num_requests = static_cast<size_t>(options.max_waiting + options.max_batch);
  http.max_handlers = num_requests + static_cast<size_t>(options.max_batch) + 64;
  http.max_connections = 2 * num_requests + 64;
  http.max_connections_per_client = num_requests + 32;
  http.max_bodies_bytes = std::max(http.max_bodies_bytes, 2 * http.max_body_bytes);
  http.tls_certificate = options.tls_certificate;
  http.tls_key = options.tls_key;
  http.allow_plain_http = options.allow_plain_http;
  return http;
}

ChatLimits limits_of(const ServeOptions& options, const infer::SamplingOptions& defaults) {
  ChatLimits limits;
  limits.defaults = defaults;
  limits.max_new_tokens = options.max_reply_tokens;
  limits.max_images = options.max_images;
  limits.max_image_bytes = static_cast<size_t>(options.max_body_mib) << 20;
  return limits;
}

std::string base_url(const ServeOptions& options, int port) {
  const char* const scheme = options.tls_certificate.empty() ? "http://" : "https://";
  return cat(scheme, net::url_authority(options.host, port), "/v1");
}

}  // namespace lmc::serve
