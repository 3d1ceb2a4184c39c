// What is said to a request: by the guard, by the routes, by a handler.
//
// Threads: any, once all routes are added.
#pragma once

#include <optional>
#include <string>

#include "net/http_server.h"    // HttpServerOptions, ServerReply, ServerRequest
#include "net/request_guard.h"  // GuardOptions, RequestHead
#include "net/route_table.h"    // RouteTable

namespace lmc::net {

class Dispatcher {
 public:
  // `options` outlives the dispatcher.
  explicit Dispatcher(const HttpServerOptions& options);

  void add(const std::string& method, const std::string& path, Route route);

  // Judges a request of which the head is known. Nothing: it may go on.
  std::optional<ServerReply> refuse(const ServerRequest& request, const RequestHead& head) const;
  // What is said of a request that cannot be read to its end.
  ServerReply error(int status, const std::string& message) const;
  // The handler's reply; for an exception, which is logged, one of status 500.
  ServerReply answer(ServerRequest request) const;

  void log_error(const std::exception& error) const;

 private:
  std::optional<ServerReply> judge(const ServerRequest& request, const RequestHead& head) const;
  ServerReply call_handler(ServerRequest request) const;
  void report(std::string_view path, const ServerReply& reply) const;

  const HttpServerOptions& options_;
  const MakeError make_error_;
  const GuardOptions guard_;
  RouteTable routes_;
};

}  // namespace lmc::net
