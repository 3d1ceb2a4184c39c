// Where a host is: on this machine, or elsewhere. Decides what may be sent and who may be served.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::net {

// "localhost", 127.0.0.0/8 or ::1, as written: no name is looked up, as a look-up can be forged.
bool is_loopback_host(std::string_view host);

// An http or https URL, in parts. It has neither user name nor fragment.
struct Address {
  std::string scheme;     // "http" or "https"
  std::string host;       // in lower case, without brackets
  std::string authority;  // host and, where it is written, port, as they stand in a URL
  std::string port;       // "443" where https leaves it out
  std::string path;       // "/" at least, as written
  std::string query;      // without the question mark
  bool is_loopback = false;

  std::string url() const;
};

// Takes "http://host:port/path?query" or https.
// Errors: InputError, also for a user name or password in the URL: it would end up in logs. `where`
// is the option the URL came from.
Address parse_address(const std::string& url, std::string_view where);

// Where a Location field leads from `base`; nothing when it is no http or https address that
// parse_address takes.
std::optional<Address> resolve_address(const Address& base, const std::string& location);

// The same scheme, host and port: who may get what was meant for the other.
bool is_same_server(const Address& a, const Address& b);

// A URL, good or bad, as it may be shown and kept. A user name, a fragment and the values of the
// query are left out; of the latter, those that are known to be no secrets ("api-version") stay.
std::string shown_url(std::string_view url);

// Those values of a query, as written and decoded.
std::vector<std::string> hidden_values(std::string_view query);

}  // namespace lmc::net
