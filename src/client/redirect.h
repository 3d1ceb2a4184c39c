// An answer that says: elsewhere (HTTP 3xx).
//
// Followed are only 307 and 308, which keep the method and the body, and only to the same scheme,
// host and port: so neither a key nor a patient's image reaches a server that nobody named.
// Source: RFC 9110, section 15.4.
#pragma once

#include <optional>
#include <string>

#include "client/endpoint_url.h"  // EndpointUrl
#include "net/http_client.h"      // HttpReply

namespace lmc::client {

struct Redirect {
  std::optional<EndpointUrl> follow;
  std::string problem;  // where it leads and why it is not followed; empty when it is
};

Redirect redirect_of(const EndpointUrl& asked, const net::HttpReply& reply);

}  // namespace lmc::client
