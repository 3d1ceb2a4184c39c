#include "net/http_server.h"

#include <httplib.h>
#include <openssl/crypto.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"           // InputError, LMC_CHECK
#include "net/address.h"          // is_loopback_host
#include "net/elastic_threads.h"  // ElasticThreads

namespace lmc::net {

namespace {

// The return type of enqueue() differs between versions of the library: nothing, or success.
using EnqueueResult = decltype(std::declval<httplib::TaskQueue&>().enqueue({}));

class ConnectionThreads : public httplib::TaskQueue {
 public:
  explicit ConnectionThreads(size_t max_threads) : threads_(max_threads) {}
  EnqueueResult enqueue(std::function<void()> work) override {
    threads_.run(std::move(work));
    return static_cast<EnqueueResult>(true);
  }
  void shutdown() override { threads_.finish(); }

 private:
  ElasticThreads threads_;
};

class Library : public httplib::Server {
 public:
  // The library was built with a backlog of 5: a burst of clients would wait seconds to connect.
  void widen_backlog() {
    constexpr int kBacklog = 1024;
    ::listen(svr_sock_, kBacklog);
  }

  // For a server that was bound and never started, which the library leaves open.
  void close_listener() {
    const socket_t socket = svr_sock_.exchange(INVALID_SOCKET);
    if (socket != INVALID_SOCKET) ::close(socket);
  }
};

void reuse_address(socket_t socket) {
  // Not SO_REUSEPORT, the library's default: two servers would share one port without knowing.
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

// "name", "name:port", "[address]:port" -> name or address.
std::string_view host_name(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.rfind(':'));
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

ServerReply plain_error(int status, const std::string& message) {
  return {status, "text/plain", {}, message + "\n", {}};
}

ServerRequest request_of(const httplib::Request& from) {
  ServerRequest request{from.method, from.path, {}, {}, {}};
  const size_t question = from.target.find('?');
  if (question != from.target.npos) request.query = from.target.substr(question + 1);
  while (request.path.size() > 1 && request.path.ends_with('/')) request.path.pop_back();
  for (const auto& [name, value] : from.headers) request.headers.add(name, value);
  return request;
}

void send_reply(ServerReply reply, httplib::Response& to) {
  to.status = reply.status;
  for (const auto& [name, value] : reply.headers) to.set_header(name.c_str(), value);
  if (!reply.stream) {
    to.set_content(reply.body, reply.content_type.c_str());
    return;
  }
  to.set_chunked_content_provider(reply.content_type.c_str(), [stream = std::move(reply.stream)](
                                                                  size_t, httplib::DataSink& sink) {
    const bool whole = stream([&sink](std::string_view piece) {
      return piece.empty() || (sink.is_writable() && sink.write(piece.data(), piece.size()));
    });
    if (whole) sink.done();
    return whole;
  });
}

}  // namespace

struct HttpServer::Impl {
  HttpServerOptions options;
  Library library;
  using Methods = std::map<std::string, Handler>;
  std::map<std::string, Methods> routes;  // by path
  std::thread accepting;
  int port = 0;

  ServerReply error(int status, const std::string& message) const {
    return options.make_error ? options.make_error(status, message) : plain_error(status, message);
  }

  // What forbids the request, whatever it asks for.
  std::optional<ServerReply> refusal(const ServerRequest& request) const {
    if (!options.bearer_token.empty()) {
      constexpr std::string_view kScheme = "Bearer ";
      const std::string_view given = request.headers.get("Authorization");
      if (!given.starts_with(kScheme) ||
          !same_secret(given.substr(kScheme.size()), options.bearer_token)) {
        ServerReply reply = error(401, "a valid bearer token is needed");
        reply.headers.add("WWW-Authenticate", "Bearer");
        return reply;
      }
    }
    const std::string_view host = request.headers.get("Host");
    if (is_loopback_host(options.host) && !host.empty() && !is_loopback_host(host_name(host))) {
      return error(403, "this server answers on this machine only; the Host field names another");
    }
    return std::nullopt;
  }

  // Null when there are none.
  const Methods* methods_of(std::string path) const {
    if (const auto whole = routes.find(path); whole != routes.end()) return &whole->second;
    while (!path.empty()) {
      path.resize(path.rfind('/') == path.npos ? 0 : path.rfind('/'));
      if (const auto below = routes.find(path + "/*"); below != routes.end()) {
        return &below->second;
      }
    }
    return nullptr;
  }

  ServerReply no_such_path() const {
    std::string all;
    for (const auto& [path, methods] : routes) {
      for (const auto& [method, handler] : methods) {
        all += cat(all.empty() ? "" : ", ", method, " ", path);
      }
    }
    return error(404, cat("there is no such path here; there are ", all));
  }

  ServerReply wrong_method(const Methods& methods, const std::string& method) const {
    std::string allowed;
    for (const auto& [name, handler] : methods) {
      allowed += cat(allowed.empty() ? "" : ", ", name, name == "GET" ? ", HEAD" : "");
    }
    ServerReply reply = error(405, cat("this path takes ", allowed, ", not ", method));
    reply.headers.add("Allow", allowed);
    return reply;
  }

  ServerReply answer(const ServerRequest& request, bool body_too_large) const {
    try {
      if (auto refused = refusal(request)) return *refused;
      if (body_too_large) {
        return error(413, cat("the body is larger than ", options.max_body_bytes, " bytes"));
      }
      const Methods* const methods = methods_of(request.path);
      if (methods == nullptr) return no_such_path();
      // The library sends no body to HEAD.
      const auto handler = methods->find(request.method == "HEAD" ? "GET" : request.method);
      if (handler == methods->end()) return wrong_method(*methods, request.method);
      return handler->second(request);
    } catch (const std::exception&) {
      // The text of the exception may quote the request.
      return error(500, "internal error");
    }
  }

  void handle(const httplib::Request& from, httplib::Response& to,
              const httplib::ContentReader* read_body) const {
    ServerRequest request = request_of(from);
    bool too_large = false;
    // A refused body is read to its end all the same, else the client would never see the reply.
    if (read_body != nullptr) {
      (*read_body)([&](const char* data, size_t size) {
        too_large = too_large || request.body.size() + size > options.max_body_bytes;
        if (too_large) {
          request.body = {};
        } else {
          request.body.append(data, size);
        }
        return true;
      });
    }
    if (read_body != nullptr && to.status >= 400) return;  // the body was malformed
    send_reply(answer(request, too_large), to);
  }

  void set_up_library() {
    library.new_task_queue = [this] { return new ConnectionThreads(options.max_connections); };
    library.set_socket_options(reuse_address);
    library.set_tcp_nodelay(true);
    library.set_keep_alive_max_count(1'000'000);
    library.set_keep_alive_timeout(options.keep_alive.count());
    library.set_read_timeout(30);
    library.set_write_timeout(30);
    const auto without_body = [this](const httplib::Request& request, httplib::Response& reply) {
      handle(request, reply, nullptr);
    };
    const auto with_body = [this](const httplib::Request& request, httplib::Response& reply,
                                  const httplib::ContentReader& reader) {
      handle(request, reply, &reader);
    };
    const char* const any_path = ".*";
    library.Get(any_path, without_body);
    library.Options(any_path, without_body);
    library.Post(any_path, with_body);
    library.Put(any_path, with_body);
    library.Patch(any_path, with_body);
    library.Delete(any_path, with_body);
    // For what the library answers by itself: a request line that is no HTTP, a bad body.
    library.set_error_handler([this](const httplib::Request&, httplib::Response& reply) {
      if (!reply.body.empty()) return;
      send_reply(error(reply.status, "the request is not valid HTTP"), reply);
    });
  }

  void bind() {
    if (!is_loopback_host(options.host) && options.bearer_token.empty()) {
      throw InputError(cat("host ", options.host),
                       "serving beyond this machine needs a token that every client must show",
                       "name its environment variable, or stay on 127.0.0.1");
    }
    if (options.port == 0) {
      port = library.bind_to_any_port(options.host);
    } else if (library.bind_to_port(options.host, options.port)) {
      port = options.port;
    }
    if (port <= 0) {
      throw InputError(cat(options.host, ":", options.port), "cannot listen on this address",
                       "another program may hold the port");
    }
    library.widen_backlog();
  }
};

HttpServer::HttpServer(HttpServerOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  impl_->set_up_library();
  impl_->bind();
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::route(const std::string& method, const std::string& path, Handler handler) {
  impl_->routes[path][method] = std::move(handler);
}

void HttpServer::start() {
  LMC_CHECK(!impl_->accepting.joinable(), "start() is called once");
  impl_->accepting = std::thread([this] { impl_->library.listen_after_bind(); });
  while (!impl_->library.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void HttpServer::stop() {
  impl_->library.stop();
  if (impl_->accepting.joinable()) impl_->accepting.join();
  impl_->library.close_listener();
}

int HttpServer::port() const { return impl_->port; }

}  // namespace lmc::net
