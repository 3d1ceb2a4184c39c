// Where chats are posted to, from what a user calls the address of a server.
//
// People give the base URL ("http://host:8000/v1"), with or without a slash at its end, the whole
// one ("https://host/v1/chat/completions"), or one with a query, which stays behind the path
// (Azure: "https://name.openai.azure.com/openai/deployments/d?api-version=2024-06-01").
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address.h"  // Address

namespace lmc::client {

class EndpointUrl {
 public:
  // Errors: InputError as net::parse_address. `where` is the option the URL came from.
  static EndpointUrl parse(const std::string& base_url, std::string_view where);
  // The whole address, as another endpoint named it.
  explicit EndpointUrl(net::Address completions) : address_(std::move(completions)) {}

  const net::Address& address() const { return address_; }
  std::string completions() const { return address_.url(); }  // to POST to; may hold a key
  std::string shown() const { return net::shown_url(completions()); }
  const std::string& host() const { return address_.host; }
  bool is_loopback() const { return address_.is_loopback; }

  // The values of its query that shown() leaves out, as written and decoded: they are not to be
  // shown where an endpoint quotes them either.
  std::vector<std::string> secrets() const;

 private:
  net::Address address_;
};

}  // namespace lmc::client
