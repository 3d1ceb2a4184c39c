#include "net/reply_writer.h"

#include <array>
#include <boost/beast/http/status.hpp>
#include <cstdio>

#include "base/check.h"  // LMC_CHECK, cat

namespace lmc::net {

namespace {

// RFC 9110 section 15.4.5: a client knows where such a reply ends.
constexpr int kNotModified = 304;

}  // namespace

std::string head_text(const ServerReply& reply, Framing framing, bool keep_alive) {
  namespace http = boost::beast::http;
  const http::status status = http::int_to_status(static_cast<unsigned>(reply.status));
  std::string text = cat("HTTP/1.1 ", reply.status, " ", http::obsolete_reason(status), "\r\n");
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  for (const auto& [name, value] : reply.headers) add(name, value);
  if (reply.status != kNotModified) {
    if (reply.headers.get("Content-Type").empty()) add("Content-Type", reply.content_type);
    if (framing == Framing::kLength) add("Content-Length", std::to_string(reply.body.size()));
  }
  if (framing == Framing::kChunked) add("Transfer-Encoding", "chunked");
  add("Connection", keep_alive ? "keep-alive" : "close");
  return text + "\r\n";
}

void append_chunk(std::string& to, std::string_view piece) {
  std::array<char, 24> size{};
  const int num_digits = std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
  to.append(size.data(), static_cast<size_t>(num_digits)).append(piece).append("\r\n");
}

void check_fields(const ServerReply& reply) {
  const auto check = [](std::string_view text) {
    LMC_CHECK(text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos,
              "a header field of a reply holds a line break");
  };
  check(reply.content_type);
  for (const auto& [name, value] : reply.headers) {
    check(name);
    check(value);
  }
}

}  // namespace lmc::net
