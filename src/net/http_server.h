// HTTP/1.1 server behind our own types: routes, limits, streamed replies, a stop that waits.
//
// It listens on this machine only, unless a bearer token guards it and TLS hides what is said. With
// a token every request but those of public routes must carry "Authorization: Bearer <token>". On loopback the Host field must
// name this machine, so that a web page cannot reach the server by pointing a name of its own at it;
// a page of another origin is refused in any case.
//
// Nobody is known before the head of a request is read, so that head is bounded in bytes, fields
// and time, and all that it says is judged before a byte of the body is read. What a refused client
// still sends is read and dropped for a moment, so that it sees the reply, and the connection ends.
// Bodies are bounded one by one and all together. Where connections run out, the one that has kept
// the server waiting longest for its request makes room.
// Threads: one of the server's own holds all connections (net/listener.h, net/connection.h); handlers run on many others at once.
// start() and stop() belong to one thread.
// Source: RFC 9110, RFC 9112; Fetch Metadata Request Headers (W3C) for Sec-Fetch-Site.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/byte_budget.h"  // ByteBudget::Share
#include "net/http.h"          // Headers

namespace lmc::net {

struct ServerRequest {
  std::string method;
  std::string path;  // without the query, decoded; without a slash at its end
  Headers headers;
  std::string body;
  std::string query;  // as sent, without the question mark
  // A stop is asked for when the client leaves, or ends its side of the connection, before it has
  // the whole reply. Callbacks run on the thread of all connections and must be short.
  std::stop_token client_left = {};
  // Of a large body, its part of what all may take together. Who is done with the body may give it
  // back before the reply is made.
  ByteBudget::Share body_memory = {};
};

// Sends a piece of a streamed reply. False: the client has gone, stop.
using SendChunk = std::function<bool(std::string_view piece)>;

struct ServerReply {
  int status = 200;
  std::string content_type = "application/json";
  Headers headers;
  std::string body;
  // When set, the reply is what this sends, in chunks; `body` is not used. Returning false cuts the
  // connection, so that the client cannot take what it got for the whole.
  std::function<bool(const SendChunk&)> stream;
};

using Handler = std::function<ServerReply(ServerRequest)>;
// Looks at a request whose body is not read yet; a reply refuses it. It runs on the thread of all
// connections and must be short.
using JudgeHead = std::function<std::optional<ServerReply>(const ServerRequest&)>;
// Makes the reply for what the server refuses by itself: 400, 401, 403, 404, 405, 413, 500, ...
using MakeError = std::function<ServerReply(int status, const std::string& message)>;
// Told of every reply, of refusals as well, when its status is known. `route` is the path as it was
// given to route(); empty where no route takes the request. Any thread calls it.
using OnReply = std::function<void(std::string_view route, int status)>;
// Gets the text of an exception that left a handler; it may quote the request.
using LogError = std::function<void(const std::string& what)>;

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one
  std::string bearer_token;
  // Both or none, PEM (net/tls_context.h).
  std::string tls_certificate;
  std::string tls_key;
  bool allow_plain_http = false;  // beyond this machine, too
  size_t max_body_bytes = size_t{64} << 20;
  size_t max_bodies_bytes = size_t{512} << 20;  // of all large bodies together; more: 503
  size_t max_handlers = 512;                    // that run at once, a thread each; more wait
  size_t max_connections = 512;
  size_t max_connections_per_client = 512;  // of one address; this machine's own are not counted
  std::chrono::milliseconds head_timeout{10'000};  // for the whole head
  // For the body, beside a second for every 256 KiB that have come.
  std::chrono::milliseconds body_timeout{10'000};
  std::chrono::milliseconds keep_alive{30'000};  // how long a connection may be idle
  MakeError make_error;                          // empty: plain text
  OnReply on_reply;
  LogError log_error;
};

class HttpServer {
 public:
  // Binds the port.
  // Errors: InputError when it is taken, when `host` is not this machine and there is no token or no
  // TLS, for certificate and key.
  explicit HttpServer(HttpServerOptions options);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Before start(). `path` is matched whole; one that ends in "/*" takes every path below, where no
  // other takes it. What takes GET takes HEAD.
  void route(const std::string& method, const std::string& path, Handler handler,
             JudgeHead judge = {});
  // For GET of what is the same for everybody and no secret: a browser can show no token before it
  // has a page that asks for one. Nothing else that is judged is spared.
  void public_route(const std::string& path, Handler handler);

  void start();  // serves on threads of its own; returns once requests are taken
  void stop();   // takes no more, waits for those being answered

  int port() const;
  size_t num_connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// "127.0.0.1:8080", "[::1]:8080": host and port as they stand in a URL.
std::string url_authority(std::string_view host, int port);

}  // namespace lmc::net
