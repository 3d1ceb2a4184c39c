#include "net/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "base/ascii_case.h"  // lower_case
#include "base/check.h"       // InputError

namespace lmc::net {

namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

// Members of a query that endpoints are known to have and that are no secrets.
constexpr std::array<std::string_view, 8> kOpenMembers = {
    "api-version", "api_version", "version", "v", "alt", "model", "deployment", "region"};

std::string part_of(const Url& url, CURLUPart part, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  const std::string copy = text;
  curl_free(text);
  return copy;
}

Address address_of(const Url& url) {
  Address address;
  address.scheme = part_of(url, CURLUPART_SCHEME);
  address.port = part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  address.path = part_of(url, CURLUPART_PATH);
  address.query = part_of(url, CURLUPART_QUERY);
  const std::string host = part_of(url, CURLUPART_HOST);
  const std::string zone = part_of(url, CURLUPART_ZONEID);
  const std::string port = part_of(url, CURLUPART_PORT);
  address.authority = host;
  if (!zone.empty() && host.ends_with(']')) {
    address.authority.insert(host.size() - 1, "%25" + zone);
  }
  if (!port.empty()) address.authority += ":" + port;
  address.host = lower_case(host);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  address.is_loopback = is_loopback_host(address.host);
  return address;
}

bool has_user(const Url& url) {
  return !part_of(url, CURLUPART_USER).empty() || !part_of(url, CURLUPART_PASSWORD).empty();
}

bool is_http(const Address& address) {
  return address.scheme == "http" || address.scheme == "https";
}

struct QueryMember {
  std::string_view text;        // "name=value"
  std::string_view name = {};   // empty: it has none
  std::string_view value = {};  // without a name the whole, which may be a key by itself
  bool is_open = false;         // known to be no secret
};

std::vector<QueryMember> members_of(std::string_view query) {
  std::vector<QueryMember> members;
  while (!query.empty()) {
    QueryMember member{query.substr(0, query.find('&'))};
    const size_t equals = member.text.find('=');
    if (equals != member.text.npos) member.name = member.text.substr(0, equals);
    member.value = member.text.substr(equals == member.text.npos ? 0 : equals + 1);
    member.is_open = member.value.empty() ||
                     std::find(kOpenMembers.begin(), kOpenMembers.end(), lower_case(member.name)) !=
                         kOpenMembers.end();
    members.push_back(member);
    query.remove_prefix(std::min(query.size(), member.text.size() + 1));
  }
  return members;
}

std::string shown_query(std::string_view query) {
  std::string shown;
  for (const QueryMember& member : members_of(query)) {
    if (!shown.empty()) shown += '&';
    if (member.is_open) {
      shown += member.text;
    } else {
      shown += member.name.empty() ? "***" : cat(member.name, "=***");
    }
  }
  return shown;
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  const std::string name = lower_case(host);
  if (name == "localhost") return true;
  in_addr four{};
  if (::inet_pton(AF_INET, name.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  in6_addr six{};
  return ::inet_pton(AF_INET6, name.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

std::string Address::url() const {
  return cat(scheme, "://", authority, path, query.empty() ? "" : "?", query);
}

Address parse_address(const std::string& text, std::string_view where) {
  const Url url(curl_url(), &curl_url_cleanup);
  const CURLUcode problem = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0);
  const bool is_url = problem == CURLUE_OK;
  if (is_url && has_user(url)) {
    throw InputError(where, "the URL holds a user name or password",
                     "give the key by --api-key-env");
  }
  Address address = is_url ? address_of(url) : Address();
  if (problem == CURLUE_BAD_PORT_NUMBER) {
    throw InputError(where, cat("expected a port of 1 to 65535, found \"", shown_url(text), "\""));
  }
  if (!is_http(address)) {
    throw InputError(where, cat("expected an http or https URL, found \"", shown_url(text), "\""),
                     "for example http://127.0.0.1:8000/v1");
  }
  return address;
}

std::optional<Address> resolve_address(const Address& base, const std::string& location) {
  const Url url(curl_url(), &curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, base.url().c_str(), 0) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, location.c_str(), CURLU_URLENCODE) != CURLUE_OK ||
      has_user(url)) {
    return std::nullopt;
  }
  Address address = address_of(url);
  if (!is_http(address)) return std::nullopt;
  return address;
}

bool is_same_server(const Address& a, const Address& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

std::string shown_url(std::string_view text) {
  constexpr size_t kMaxLength = 200;
  const Url url(curl_url(), &curl_url_cleanup);
  std::string shown;
  if (curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), 0) == CURLUE_OK &&
      !has_user(url)) {
    Address address = address_of(url);
    address.query = shown_query(address.query);
    shown = address.url();
  } else if (const size_t at = text.rfind('@'); at != text.npos) {
    // Whatever stands before it may be a password, with any characters in it.
    const size_t scheme_end = text.find("://");
    const std::string_view scheme =
        scheme_end < at ? text.substr(0, scheme_end + 3) : std::string_view();
    const std::string_view rest = text.substr(at);
    shown = cat(scheme, "***", rest.substr(0, rest.find_first_of("?#")));
  } else {
    shown = text.substr(0, text.find_first_of("?#"));
  }
  if (shown.size() > kMaxLength) shown = cat(shown.substr(0, kMaxLength), "...");
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return shown;
}

std::vector<std::string> hidden_values(std::string_view query) {
  std::vector<std::string> values;
  for (const QueryMember& member : members_of(query)) {
    if (member.is_open) continue;
    values.emplace_back(member.value);
    int size = 0;
    char* const decoded = curl_easy_unescape(nullptr, values.back().data(),
                                             static_cast<int>(values.back().size()), &size);
    if (decoded == nullptr) continue;
    const std::string plain(decoded, static_cast<size_t>(size));
    curl_free(decoded);
    if (plain != values.back()) values.push_back(plain);
  }
  return values;
}

}  // namespace lmc::net
