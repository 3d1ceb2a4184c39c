#include "net/dispatcher.h"

#include <utility>

#include "base/check.h"        // LMC_CHECK
#include "net/address.h"       // is_loopback_host
#include "net/reply_writer.h"  // check_fields

namespace lmc::net {

namespace {

ServerReply plain_error(int status, const std::string& message) {
  return {status, "text/plain", {}, message + "\n", {}};
}

}  // namespace

Dispatcher::Dispatcher(const HttpServerOptions& options)
    : options_(options),
      make_error_(options.make_error ? options.make_error : plain_error),
      guard_{options.bearer_token, is_loopback_host(options.host), options.max_body_bytes},
      routes_(make_error_) {}

void Dispatcher::add(const std::string& method, const std::string& path, Route route) {
  routes_.add(method, path, std::move(route));
}

std::optional<ServerReply> Dispatcher::refuse(const ServerRequest& request,
                                              const RequestHead& head) const {
  std::optional<ServerReply> refusal = judge(request, head);
  if (refusal) report(request.path, *refusal);
  return refusal;
}

std::optional<ServerReply> Dispatcher::judge(const ServerRequest& request,
                                             const RequestHead& head) const {
  const Route* const route = routes_.find(request.method, request.path);
  GuardOptions guard = guard_;
  if (route != nullptr && route->is_public) guard.bearer_token = {};
  if (const auto refusal = refusal_of(head, guard)) {
    ServerReply reply = make_error_(refusal->status, refusal->message);
    if (refusal->status == 401) reply.headers.add("WWW-Authenticate", "Bearer");
    return reply;
  }
  if (route == nullptr) return routes_.refusal(request.method, request.path);
  return route->judge ? route->judge(request) : std::nullopt;
}

ServerReply Dispatcher::error(int status, const std::string& message) const {
  ServerReply reply = make_error_(status, message);
  report("", reply);
  return reply;
}

ServerReply Dispatcher::answer(ServerRequest request) const {
  const std::string path = request.path;
  ServerReply reply = call_handler(std::move(request));
  report(path, reply);
  return reply;
}

ServerReply Dispatcher::call_handler(ServerRequest request) const {
  try {
    const Route* const route = routes_.find(request.method, request.path);
    LMC_CHECK(route != nullptr, "a request without a route");
    ServerReply reply = route->handler(std::move(request));
    check_fields(reply);
    return reply;
  } catch (const std::exception& thrown) {
    log_error(thrown);
    return make_error_(500, "internal error");  // the text of the exception may quote the request
  }
}

void Dispatcher::report(std::string_view path, const ServerReply& reply) const {
  if (options_.on_reply) options_.on_reply(routes_.pattern_of(path), reply.status);
}

void Dispatcher::log_error(const std::exception& error) const {
  if (options_.log_error) options_.log_error(error.what());
}

}  // namespace lmc::net
