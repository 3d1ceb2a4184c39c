#include "net/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <cstdint>
#include <memory>

#include "base/check.h"  // InputError

namespace lmc::net {

namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part_of(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return {};
  const std::string copy = text;
  curl_free(text);
  return copy;
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  const std::string name(host);
  if (name == "localhost") return true;
  in_addr four{};
  if (::inet_pton(AF_INET, name.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  in6_addr six{};
  return ::inet_pton(AF_INET6, name.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

Address parse_address(const std::string& text, std::string_view where) {
  const Url url(curl_url(), &curl_url_cleanup);
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0);
  const std::string scheme = code == CURLUE_OK ? part_of(url, CURLUPART_SCHEME) : "";
  if (!part_of(url, CURLUPART_USER).empty() || !part_of(url, CURLUPART_PASSWORD).empty()) {
    throw InputError(where, "the URL holds a user name or password",
                     "give the key by --api-key-env");
  }
  if (scheme != "http" && scheme != "https") {
    throw InputError(where, cat("expected an http or https URL, found \"", text, "\""),
                     "for example http://127.0.0.1:8000/v1");
  }
  Address address{text, part_of(url, CURLUPART_HOST), false};
  while (!address.url.empty() && address.url.back() == '/') address.url.pop_back();
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  address.is_loopback = is_loopback_host(address.host);
  return address;
}

}  // namespace lmc::net
