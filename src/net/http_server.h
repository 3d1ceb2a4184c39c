// HTTP server behind our own types: routes, limits, streamed replies, a stop that waits.
//
// It listens on this machine only, unless a bearer token guards it. Then every request must carry
// "Authorization: Bearer <token>". On loopback the Host field must name this machine, so that a web
// page cannot reach the server by pointing a name of its own at it.
// Threads: handlers run on many threads at once. start() and stop() belong to one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/http.h"  // Headers

namespace lmc::net {

struct ServerRequest {
  std::string method;
  std::string path;  // without the query, decoded; without a slash at its end
  Headers headers;
  std::string body;
  std::string query;  // as sent, without the question mark
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

using Handler = std::function<ServerReply(const ServerRequest&)>;
// Makes the reply for what the server refuses by itself: 401, 403, 404, 405, 413, 500.
using MakeError = std::function<ServerReply(int status, const std::string& message)>;

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one
  std::string bearer_token;
  size_t max_body_bytes = size_t{64} << 20;
  size_t max_connections = 512;        // served at once; more wait
  std::chrono::seconds keep_alive{2};  // how long an idle connection may delay stop()
  MakeError make_error;                // empty: plain text
};

class HttpServer {
 public:
  // Binds the port.
  // Errors: InputError when it is taken, or when `host` is not this machine and there is no token.
  explicit HttpServer(HttpServerOptions options);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Before start(). `path` is matched whole; one that ends in "/*" takes every path below, where no
  // other takes it. What takes GET takes HEAD.
  void route(const std::string& method, const std::string& path, Handler handler);

  void start();  // serves on threads of its own; returns once requests are taken
  void stop();   // takes no more, waits for those being answered

  int port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lmc::net
