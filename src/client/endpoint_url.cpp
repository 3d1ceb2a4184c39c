#include "client/endpoint_url.h"

#include <utility>

namespace lmc::client {

EndpointUrl EndpointUrl::parse(const std::string& base_url, std::string_view where) {
  constexpr std::string_view kCompletions = "/chat/completions";
  net::Address address = net::parse_address(base_url, where);
  while (address.path.ends_with('/')) address.path.pop_back();
  if (!address.path.ends_with(kCompletions)) address.path += kCompletions;
  return EndpointUrl(std::move(address));
}

std::vector<std::string> EndpointUrl::secrets() const { return net::hidden_values(address_.query); }

}  // namespace lmc::client
