// Where a host is: on this machine, or elsewhere. Decides what may be sent and who may be served.
#pragma once

#include <string>
#include <string_view>

namespace lmc::net {

// "localhost", 127.0.0.0/8 or ::1, as written: no name is looked up, as a look-up can be forged.
bool is_loopback_host(std::string_view host);

struct Address {
  std::string url;   // without a trailing slash
  std::string host;  // without brackets
  bool is_loopback = false;
};

// Takes "http://host:port/path" or https. Errors: InputError, also for a user name or password in
// the URL: it would end up in logs. `where` is the option the URL came from.
Address parse_address(const std::string& url, std::string_view where);

}  // namespace lmc::net
