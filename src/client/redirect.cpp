#include "client/redirect.h"

#include "base/check.h"       // cat
#include "client/web_page.h"  // looks_like_login

namespace lmc::client {

Redirect redirect_of(const EndpointUrl& asked, const net::HttpReply& reply) {
  const std::string location(reply.headers.get("Location"));
  if (location.empty()) return {{}, cat("HTTP ", reply.status, " that names no new address")};
  const auto target = net::resolve_address(asked.address(), location);
  const bool keeps_request = reply.status == 307 || reply.status == 308;
  const bool is_same = target && net::is_same_server(asked.address(), *target);
  if (is_same && keeps_request) return {EndpointUrl(*target), {}};

  const std::string shown = net::shown_url(target ? target->url() : location);
  const std::string start = cat("HTTP ", reply.status, ": redirects to ", shown, ", ");
  if (looks_like_login(shown)) return {{}, start + "which looks like a login page"};
  if (!target) return {{}, start + "which is no http or https address"};
  if (is_same) return {{}, start + "where the request would be lost; give that as --endpoint"};
  return {{}, start + "another server, which got nothing; give that as --endpoint if it is meant"};
}

}  // namespace lmc::client
