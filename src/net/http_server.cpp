#include "net/http_server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"           // InputError, LMC_CHECK
#include "net/address.h"          // is_loopback_host
#include "net/dispatcher.h"       // Dispatcher
#include "net/elastic_threads.h"  // ElasticThreads
#include "net/listener.h"         // Listener
#include "net/tls_context.h"      // TlsContext

namespace lmc::net {

namespace {

namespace asio = boost::asio;

void check_options(const HttpServerOptions& options) {
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    throw InputError("TLS", "a certificate needs its key, and a key its certificate");
  }
  if (is_loopback_host(options.host)) return;
  const std::string where = cat("host ", options.host);
  if (options.bearer_token.empty()) {
    throw InputError(where, "serving beyond this machine needs a token that every client must show",
                     "name its environment variable, or stay on 127.0.0.1");
  }
  if (options.tls_certificate.empty() && !options.allow_plain_http) {
    throw InputError(where,
                     "serving beyond this machine needs TLS: token and requests could be read on "
                     "their way",
                     "give a certificate and its key, or stay on 127.0.0.1");
  }
}

std::unique_ptr<TlsContext> tls_context(const HttpServerOptions& options) {
  if (options.tls_certificate.empty()) return nullptr;
  return std::make_unique<TlsContext>(options.tls_certificate, options.tls_key);
}

}  // namespace

struct HttpServer::Impl {
  explicit Impl(HttpServerOptions server_options)
      : options(std::move(server_options)),
        tls(tls_context(options)),
        dispatcher(options),
        bodies(std::max(options.max_bodies_bytes, options.max_body_bytes)),
        handlers(options.max_handlers),
        listener(context, tls.get()) {}

  const HttpServerOptions options;
  const std::unique_ptr<TlsContext> tls;
  Dispatcher dispatcher;
  ByteBudget bodies;
  asio::io_context io{1};  // one thread runs it
  ElasticThreads handlers;
  const ConnectionContext context{options, io, dispatcher, handlers, bodies};
  Listener listener;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::thread thread;

  void run() {
    for (;;) {
      try {
        io.run();
        return;
      } catch (const std::exception& error) {  // of memory that ran out, say
        dispatcher.log_error(error);
      }
    }
  }
};

HttpServer::HttpServer(HttpServerOptions options) {
  check_options(options);
  impl_ = std::make_unique<Impl>(std::move(options));
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::route(const std::string& method, const std::string& path, Handler handler,
                       JudgeHead judge) {
  impl_->dispatcher.add(method, path, {std::move(handler), std::move(judge)});
}

void HttpServer::public_route(const std::string& path, Handler handler) {
  impl_->dispatcher.add("GET", path, {std::move(handler), {}, true});
}

void HttpServer::start() {
  LMC_CHECK(!impl_->thread.joinable(), "start() is called once");
  impl_->work.emplace(impl_->io.get_executor());
  impl_->listener.start();
  impl_->thread = std::thread([this] { impl_->run(); });
}

void HttpServer::stop() {
  if (!impl_->thread.joinable()) return;
  std::promise<void> stopped;
  asio::post(impl_->io, [&] {
    impl_->listener.stop();
    stopped.set_value();
  });
  stopped.get_future().wait();
  impl_->handlers.finish();  // their replies are sent by the thread that still runs
  impl_->work.reset();
  impl_->thread.join();
}

int HttpServer::port() const { return impl_->listener.port(); }

size_t HttpServer::num_connections() const { return impl_->listener.num_connections(); }

std::string url_authority(std::string_view host, int port) {
  const bool needs_brackets = host.find(':') != host.npos && !host.starts_with('[');
  return needs_brackets ? cat("[", host, "]:", port) : cat(host, ":", port);
}

}  // namespace lmc::net
