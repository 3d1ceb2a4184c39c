#include "net/request_guard.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>

#include "base/ascii_case.h"  // lower_case, starts_with_any_case
#include "base/check.h"       // cat
#include "net/address.h"      // is_loopback_host

namespace lmc::net {

namespace {

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "name", "name:port", "[address]:port" -> name or address. Nothing of anything else.
std::optional<std::string_view> host_name(std::string_view host) {
  size_t end = host.find(':');
  std::string_view name = host.substr(0, end);
  if (host.starts_with('[')) {
    end = host.find(']');
    if (end == host.npos) return std::nullopt;
    name = host.substr(1, end - 1);
    ++end;
  }
  std::string_view port = end >= host.size() ? std::string_view() : host.substr(end);
  if (port.empty()) return name;
  if (!port.starts_with(':')) return std::nullopt;
  port.remove_prefix(1);
  if (!port.empty() && !is_digits(port)) return std::nullopt;
  return name;
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool has_token(const Headers& headers, std::string_view token) {
  std::string_view given = headers.get("Authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (headers.count("Authorization") != 1 || !starts_with_any_case(given, kScheme)) return false;
  given.remove_prefix(kScheme.size());
  given.remove_prefix(std::min(given.find_first_not_of(' '), given.size()));
  return same_secret(given, token);
}

// RFC 9112 section 6: two readers who disagree where a body ends see different requests.
std::optional<Refusal> refuse_framing(const RequestHead& head) {
  const Headers& headers = head.headers;
  const size_t num_hosts = headers.count("Host");
  if (num_hosts > 1 || (num_hosts == 0 && !head.is_http_1_0)) {
    return Refusal{400, cat("expected one Host field, found ", num_hosts)};
  }
  const size_t num_lengths = headers.count("Content-Length");
  const size_t num_encodings = headers.count("Transfer-Encoding");
  if (num_lengths > 1 || num_encodings > 1 || num_lengths + num_encodings > 1) {
    return Refusal{400, "more than one field says how long the body is"};
  }
  if (num_lengths == 1 && !is_digits(headers.get("Content-Length"))) {
    return Refusal{400, "Content-Length is not a number"};
  }
  if (num_encodings == 1 &&
      (head.is_http_1_0 || lower_case(headers.get("Transfer-Encoding")) != "chunked")) {
    return Refusal{400, "the only Transfer-Encoding taken is chunked, of HTTP/1.1"};
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_shape(const RequestHead& head) {
  if (head.target.size() > kMaxTargetBytes) {
    return Refusal{414, cat("the target is longer than ", kMaxTargetBytes, " bytes")};
  }
  if (!head.target.starts_with('/') && head.target != "*") {
    return Refusal{400, "the target is no path"};
  }
  if (head.headers.size() > kMaxFields) {
    return Refusal{431, cat("more than ", kMaxFields, " header fields")};
  }
  return refuse_framing(head);
}

// Somebody follows a link to here: the page that has it cannot read what comes.
bool is_followed_link(const RequestHead& head) {
  return head.method == "GET" && lower_case(head.headers.get("Sec-Fetch-Mode")) == "navigate" &&
         lower_case(head.headers.get("Sec-Fetch-Dest")) == "document";
}

// A browser says which page a request comes from; others say nothing.
std::optional<Refusal> refuse_origin(const RequestHead& head) {
  constexpr const char* kMessage = "this server answers no page of another origin";
  const Headers& headers = head.headers;
  const std::string site = lower_case(headers.get("Sec-Fetch-Site"));
  const bool is_elsewhere = site == "cross-site" || site == "same-site";
  if (is_elsewhere && !is_followed_link(head)) return Refusal{403, kMessage};
  if (headers.count("Origin") == 0) return std::nullopt;
  const std::string origin = lower_case(headers.get("Origin"));
  const std::string host = lower_case(headers.get("Host"));
  const bool is_ours = headers.count("Origin") == 1 && !host.empty() &&
                       (origin == "http://" + host || origin == "https://" + host);
  return is_ours ? std::nullopt : std::optional(Refusal{403, kMessage});
}

bool is_above(std::string_view digits, size_t most) {
  size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error != std::errc() || value > most;
}

}  // namespace

std::optional<Refusal> refusal_of(const RequestHead& head, const GuardOptions& options) {
  if (auto refusal = refuse_shape(head)) return refusal;
  const Headers& headers = head.headers;
  if (!options.bearer_token.empty() && !has_token(headers, options.bearer_token)) {
    return Refusal{401, "a valid bearer token is needed"};
  }
  if (options.is_local && headers.count("Host") > 0) {
    const auto name = host_name(headers.get("Host"));
    if (!name || !is_loopback_host(*name)) {
      return Refusal{403, "this server answers on this machine only; the Host field names another"};
    }
  }
  if (auto refusal = refuse_origin(head)) return refusal;
  const std::string_view length = headers.get("Content-Length");
  if (!length.empty() && is_above(length, options.max_body_bytes)) {
    return Refusal{413, cat("the body is larger than ", options.max_body_bytes, " bytes")};
  }
  const std::string_view expected = headers.get("Expect");
  if (!expected.empty() && lower_case(expected) != "100-continue") {
    return Refusal{417, "the only expectation met is 100-continue"};
  }
  return std::nullopt;
}

}  // namespace lmc::net
