#include "net/http_server.h"

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <limits>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "base/check.h"             // InputError, LMC_CHECK
#include "base/percent_encoding.h"  // percent_decoded
#include "net/address.h"            // is_loopback_host
#include "net/elastic_threads.h"    // ElasticThreads
#include "net/request_guard.h"      // refusal_of
#include "net/route_table.h"        // RouteTable

namespace lmc::net {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Error = boost::system::error_code;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// A burst of clients waits here to be taken, instead of trying again in seconds.
constexpr int kBacklog = 1024;
// What is read at once, and at most kept of requests that follow one that is being answered.
constexpr size_t kReadBytes = size_t{8} << 10;
constexpr size_t kMaxBufferBytes = size_t{32} << 10;
// Smaller bodies are taken without a share of what bodies may take together.
constexpr size_t kSmallBodyBytes = size_t{64} << 10;
constexpr size_t kBytesPerSecond = size_t{256} << 10;  // a client slower than this is cut
constexpr auto kWriteTimeout = 30s;                    // for as much as is sent at once
// How long a client that is told to go may still send, so that it reads why.
constexpr auto kLingerTime = 2s;
// Of a streamed reply, what may wait for a slow client.
constexpr size_t kMaxQueuedBytes = size_t{256} << 10;
// A connection that is younger is not dropped to make room for another.
constexpr auto kGrace = 250ms;
constexpr auto kRetryAccept = 50ms;

std::chrono::milliseconds time_for(size_t num_bytes) {
  return std::chrono::milliseconds(num_bytes * 1000 / kBytesPerSecond);
}

ServerReply plain_error(int status, const std::string& message) {
  return {status, "text/plain", {}, message + "\n", {}};
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

enum class Framing { kLength, kChunked, kUntilClose };

// Status line and fields, with the empty line behind them.
std::string head_text(const ServerReply& reply, Framing framing, bool keep_alive) {
  const http::status status = http::int_to_status(static_cast<unsigned>(reply.status));
  std::string text = cat("HTTP/1.1 ", reply.status, " ", http::obsolete_reason(status), "\r\n");
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  for (const auto& [name, value] : reply.headers) add(name, value);
  if (reply.headers.get("Content-Type").empty()) add("Content-Type", reply.content_type);
  if (framing == Framing::kLength) add("Content-Length", std::to_string(reply.body.size()));
  if (framing == Framing::kChunked) add("Transfer-Encoding", "chunked");
  add("Connection", keep_alive ? "keep-alive" : "close");
  return text + "\r\n";
}

void append_chunk(std::string& to, std::string_view piece) {
  std::array<char, 16> size{};
  const int num_digits = std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
  to.append(size.data(), static_cast<size_t>(num_digits)).append(piece).append("\r\n");
}

// Whether a client said something else than HTTP, where others only left.
bool is_malformed(const Error& error) {
  return error && error.category() == http::make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

// Whose connections are counted together: an IPv4 address, or the half of an IPv6 address that a
// network gives to one customer. Empty: this machine, which is not counted.
std::string client_of(const asio::ip::address& address) {
  if (address.is_loopback()) return "";
  if (address.is_v4()) return address.to_string();
  const asio::ip::address_v6 six = address.to_v6();
  if (six.is_v4_mapped()) {
    const auto four = asio::ip::make_address_v4(asio::ip::v4_mapped, six);
    return four.is_loopback() ? "" : four.to_string();
  }
  const auto bytes = six.to_bytes();
  return {bytes.begin(), bytes.begin() + bytes.size() / 2};
}

class Connection;

// All of it on the thread of all connections, unless said otherwise.
class Listener {
 public:
  explicit Listener(HttpServerOptions options);

  void bind();
  void accept_next();
  void stop();
  void forget(const std::shared_ptr<Connection>& connection) { connections_.erase(connection); }

  std::optional<ServerReply> refuse(const ServerRequest& request, const RequestHead& head) const;
  ServerReply error(int status, const std::string& message) const;
  ServerReply answer(ServerRequest request) const;    // any thread
  void log_error(const std::exception& error) const;  // any thread

  const HttpServerOptions options;
  ByteBudget bodies;
  asio::io_context io;
  ElasticThreads handlers;
  RouteTable routes;
  int port = 0;

 private:
  void accept_ready();
  void accept_later();
  bool make_room(const std::string* client);
  void add(Tcp::socket socket);

  GuardOptions guard_;
  Tcp::acceptor acceptor_{io};
  asio::steady_timer retry_{io};
  std::set<std::shared_ptr<Connection>> connections_;
  bool stopping_ = false;
};

// One client. Its requests are answered one after another, in their order.
// Threads: the one of all connections, but for answer() and what it calls.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Listener& server, Tcp::socket socket, std::string client)
      : server_(server),
        socket_(std::move(socket)),
        timer_(server.io),
        client_(std::move(client)) {}

  void start() {
    phase_ = Phase::kHead;
    read_head();
  }

  // Ends it at once, whatever it does.
  void close();

  // For a server that stops: a reply that is being made is still sent.
  void close_unless_busy() {
    keep_alive_ = false;
    if (phase_ != Phase::kReplying) close();
  }

  const std::string& client() const { return client_; }
  // Since when the server has waited for it; nothing while it waits for the server.
  std::optional<Clock::time_point> waited_for_since() const {
    return phase_ == Phase::kReplying ? std::nullopt : std::optional(phase_start_);
  }

 private:
  enum class Phase { kIdle, kHead, kBody, kReplying, kLingering, kClosed };

  void enter(Phase phase) {
    phase_ = phase;
    phase_start_ = Clock::now();
  }

  void set_deadline(Clock::time_point when);
  void set_deadline(Clock::duration from_now) { set_deadline(Clock::now() + from_now); }
  void clear_deadline() { timer_.expires_at(Clock::time_point::max()); }
  void watch();
  void on_watched(const Error& error, size_t num_bytes);
  void next_request();
  void read_head();
  void on_head(const Error& error);
  ServerRequest take_head();
  void read_body();
  void on_body(const Error& error, size_t num_bytes);
  void dispatch();
  void answer(ServerRequest request);
  void refuse(ServerReply reply);
  void refuse(int status, const std::string& message);
  void send(ServerReply reply);
  void on_sent(const Error& error);
  void linger();

  void begin_stream(const ServerReply& reply);
  void stream(const ServerReply& reply);
  bool send_piece(std::string_view piece);
  void schedule_flush();
  void flush();
  void lose_client();

  Listener& server_;
  Tcp::socket socket_;
  asio::steady_timer timer_;
  const std::string client_;
  boost::beast::flat_buffer buffer_{kMaxBufferBytes};
  std::optional<http::request_parser<http::empty_body>> head_;
  std::optional<http::request_parser<http::string_body>> body_;
  size_t body_bytes_ = 0;
  ServerRequest request_;
  std::stop_source client_left_;
  Phase phase_ = Phase::kIdle;
  Clock::time_point phase_start_ = Clock::now();
  bool watching_ = false;
  bool keep_alive_ = true;
  bool is_http_1_0_ = false;
  bool is_head_request_ = false;
  std::string sent_head_;  // what is being sent
  std::string sent_body_;

  // A streamed reply on its way from the handler's thread.
  std::mutex mutex_;
  std::condition_variable has_room_;
  std::string queued_;
  bool flushing_ = false;
  bool gone_ = false;
  bool stream_ended_ = false;
  bool stream_was_cut_ = false;
};

void Connection::close() {
  if (phase_ == Phase::kClosed) return;
  enter(Phase::kClosed);
  timer_.cancel();
  Error ignored;
  socket_.close(ignored);
  lose_client();
  server_.forget(shared_from_this());
}

// Nobody reads the reply any more.
void Connection::lose_client() {
  {
    const std::lock_guard lock(mutex_);
    gone_ = true;
  }
  has_room_.notify_all();
  client_left_.request_stop();
}

void Connection::set_deadline(Clock::time_point when) {
  timer_.expires_at(when);
  timer_.async_wait([self = shared_from_this()](const Error& error) {
    // A deadline that was set anew just as the old one passed is not over.
    if (!error && self->timer_.expiry() <= Clock::now()) self->close();
  });
}

// Looks for the client's next bytes, or its end, while nothing else reads.
void Connection::watch() {
  if (watching_ || buffer_.size() + kReadBytes > buffer_.max_size()) return;
  watching_ = true;
  socket_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](const Error& error, size_t num_bytes) {
                            self->on_watched(error, num_bytes);
                          });
}

void Connection::on_watched(const Error& error, size_t num_bytes) {
  watching_ = false;
  buffer_.commit(num_bytes);
  switch (phase_) {
    case Phase::kIdle:
      if (buffer_.size() > 0) return read_head();
      return error ? close() : watch();
    case Phase::kReplying:
      if (!error) return watch();
      // It may have ended its side only: what comes all the same is sent, and what it has asked for
      // before is answered.
      if (buffer_.size() == 0) keep_alive_ = false;
      return lose_client();
    case Phase::kLingering:
      if (error) return close();
      buffer_.consume(buffer_.size());
      return watch();
    case Phase::kHead:
    case Phase::kBody:
    case Phase::kClosed:
      return;
  }
}

void Connection::next_request() {
  enter(Phase::kIdle);
  sent_head_.clear();
  sent_body_ = {};
  set_deadline(server_.options.keep_alive);
  if (buffer_.size() == 0) return watch();
  if (!watching_) return read_head();
  socket_.cancel();  // which ends in on_watched()
}

void Connection::read_head() {
  enter(Phase::kHead);
  set_deadline(server_.options.head_timeout);
  is_http_1_0_ = false;
  is_head_request_ = false;
  head_.emplace();
  head_->header_limit(kMaxHeadBytes);
  head_->body_limit(std::numeric_limits<uint64_t>::max());  // judged with the rest of the head
  http::async_read_header(
      socket_, buffer_, *head_,
      [self = shared_from_this()](const Error& error, size_t) { self->on_head(error); });
}

void Connection::on_head(const Error& error) {
  if (phase_ == Phase::kClosed) return;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return refuse(431, cat("the head of the request is larger than ", kMaxHeadBytes, " bytes"));
  }
  if (is_malformed(error)) return refuse(400, "the request is not valid HTTP");
  if (error) return close();
  request_ = take_head();
  keep_alive_ = head_->keep_alive();
  is_http_1_0_ = head_->get().version() == 10;
  is_head_request_ = request_.method == "HEAD";
  const auto target = head_->get().target();
  const RequestHead head{{target.data(), target.size()}, is_http_1_0_, request_.headers};
  if (head_->get().version() / 10 != 1) return refuse(505, "the server speaks HTTP/1.1");
  if (auto refusal = server_.refuse(request_, head)) return refuse(std::move(*refusal));
  if (head_->is_done()) return dispatch();
  const size_t most = head_->chunked() ? server_.options.max_body_bytes
                                       : static_cast<size_t>(head_->content_length().value_or(0));
  if (most > kSmallBodyBytes) {
    request_.body_memory = server_.bodies.try_take(most);
    if (!request_.body_memory) return refuse(503, "busy: too many large requests at once");
  }
  enter(Phase::kBody);
  body_.emplace(std::move(*head_));
  head_.reset();
  body_->body_limit(server_.options.max_body_bytes);
  body_bytes_ = 0;
  if (is_http_1_0_ || request_.headers.count("Expect") == 0) return read_body();
  set_deadline(kWriteTimeout);
  sent_head_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(sent_head_),
                    [self = shared_from_this()](const Error& failure, size_t) {
                      if (self->phase_ == Phase::kClosed) return;
                      failure ? self->close() : self->read_body();
                    });
}

ServerRequest Connection::take_head() {
  const auto& message = head_->get();
  ServerRequest request;
  request.method = std::string(message.method_string());
  const std::string target(message.target());
  const size_t question = std::min(target.find('?'), target.size());
  request.path = percent_decoded(target.substr(0, question));
  request.query = target.substr(std::min(question + 1, target.size()));
  while (request.path.size() > 1 && request.path.ends_with('/')) request.path.pop_back();
  for (const auto& field : message) {
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  return request;
}

void Connection::read_body() {
  // What has come buys time, waiting does not.
  set_deadline(phase_start_ + server_.options.body_timeout + time_for(body_bytes_));
  http::async_read_some(socket_, buffer_, *body_,
                        [self = shared_from_this()](const Error& error, size_t num_bytes) {
                          self->on_body(error, num_bytes);
                        });
}

void Connection::on_body(const Error& error, size_t num_bytes) {
  if (phase_ == Phase::kClosed) return;
  if (error == http::error::body_limit) {
    return refuse(413, cat("the body is larger than ", server_.options.max_body_bytes, " bytes"));
  }
  if (is_malformed(error)) return refuse(400, "the body of the request is not valid HTTP");
  if (error) return close();
  body_bytes_ += num_bytes;
  if (!body_->is_done()) return read_body();
  request_.body = std::move(body_->get().body());
  dispatch();
}

void Connection::dispatch() {
  enter(Phase::kReplying);
  clear_deadline();
  head_.reset();
  body_.reset();
  client_left_ = std::stop_source();
  request_.client_left = client_left_.get_token();
  {
    const std::lock_guard lock(mutex_);
    gone_ = false;
    stream_ended_ = false;
    stream_was_cut_ = false;
  }
  watch();
  const auto request = std::make_shared<ServerRequest>(std::exchange(request_, {}));
  server_.handlers.run([self = shared_from_this(), request] { self->answer(std::move(*request)); });
}

// On a handler's thread.
void Connection::answer(ServerRequest request) {
  auto reply = std::make_shared<ServerReply>(server_.answer(std::move(request)));
  const bool is_stream = reply->stream && !is_head_request_;
  asio::post(server_.io, [self = shared_from_this(), reply, is_stream] {
    is_stream ? self->begin_stream(*reply) : self->send(std::move(*reply));
  });
  if (is_stream) stream(*reply);
}

void Connection::refuse(int status, const std::string& message) {
  refuse(server_.error(status, message));
}

// Where a body follows that nobody reads, or the client is not to be trusted, the connection ends.
void Connection::refuse(ServerReply reply) {
  const bool may_stay = reply.status == 404 || reply.status == 405 || reply.status == 415;
  keep_alive_ = keep_alive_ && may_stay && head_ && head_->is_done();
  enter(Phase::kReplying);
  request_ = {};
  body_.reset();
  send(std::move(reply));
}

void Connection::send(ServerReply reply) {
  if (phase_ == Phase::kClosed) return;
  const bool is_stream = static_cast<bool>(reply.stream);
  sent_head_ = head_text(reply, is_stream ? Framing::kChunked : Framing::kLength, keep_alive_);
  sent_body_ = is_head_request_ ? std::string() : std::move(reply.body);
  set_deadline(kWriteTimeout + time_for(sent_body_.size()));
  const std::array<asio::const_buffer, 2> parts = {asio::buffer(sent_head_),
                                                   asio::buffer(sent_body_)};
  asio::async_write(socket_, parts, [self = shared_from_this()](const Error& error, size_t) {
    self->on_sent(error);
  });
}

void Connection::on_sent(const Error& error) {
  if (phase_ == Phase::kClosed) return;
  if (error) return close();
  clear_deadline();
  keep_alive_ ? next_request() : linger();
}

// Ends this side, and waits a little for the end of the other: a reset at once, as for what was
// never read, could take the reply from the client.
void Connection::linger() {
  enter(Phase::kLingering);
  set_deadline(kLingerTime);
  Error error;
  socket_.shutdown(Tcp::socket::shutdown_send, error);
  if (error) return close();
  if (!watching_) buffer_.consume(buffer_.size());
  watch();
}

void Connection::begin_stream(const ServerReply& reply) {
  keep_alive_ = keep_alive_ && !is_http_1_0_;
  const Framing framing = is_http_1_0_ ? Framing::kUntilClose : Framing::kChunked;
  const std::lock_guard lock(mutex_);
  queued_.insert(0, head_text(reply, framing, keep_alive_));  // what is queued is sent later
  schedule_flush();
}

// On a handler's thread, as send_piece().
void Connection::stream(const ServerReply& reply) {
  bool is_whole = false;
  try {
    is_whole = reply.stream([this](std::string_view piece) { return send_piece(piece); });
  } catch (const std::exception& error) {
    server_.log_error(error);
  }
  const std::lock_guard lock(mutex_);
  if (is_whole && !is_http_1_0_) queued_ += "0\r\n\r\n";
  stream_ended_ = true;
  stream_was_cut_ = !is_whole;
  schedule_flush();
}

bool Connection::send_piece(std::string_view piece) {
  std::unique_lock lock(mutex_);
  has_room_.wait(lock, [this] { return gone_ || queued_.size() < kMaxQueuedBytes; });
  if (gone_) return false;
  if (piece.empty()) return true;
  if (is_http_1_0_) {
    queued_ += piece;
  } else {
    append_chunk(queued_, piece);
  }
  schedule_flush();
  return true;
}

// Under the mutex.
void Connection::schedule_flush() {
  if (std::exchange(flushing_, true)) return;
  asio::post(server_.io, [self = shared_from_this()] { self->flush(); });
}

void Connection::flush() {
  bool has_ended = false;
  bool was_cut = false;
  {
    const std::lock_guard lock(mutex_);
    sent_body_ = std::exchange(queued_, {});
    if (gone_) sent_body_.clear();
    flushing_ = !sent_body_.empty();
    has_ended = !flushing_ && stream_ended_;
    was_cut = stream_was_cut_ || gone_;
  }
  has_room_.notify_all();
  if (phase_ == Phase::kClosed) return;
  if (sent_body_.empty()) {
    if (has_ended) was_cut ? close() : on_sent({});
    return;
  }
  set_deadline(kWriteTimeout);
  asio::async_write(socket_, asio::buffer(sent_body_),
                    [self = shared_from_this()](const Error& error, size_t) {
                      if (self->phase_ == Phase::kClosed) return;
                      if (error) return self->close();
                      self->clear_deadline();
                      self->flush();
                    });
}

Listener::Listener(HttpServerOptions server_options)
    : options(std::move(server_options)),
      bodies(std::max(options.max_bodies_bytes, options.max_body_bytes)),
      handlers(options.max_handlers),
      routes(options.make_error ? options.make_error : plain_error),
      guard_{options.bearer_token, is_loopback_host(options.host), options.max_body_bytes} {}

void Listener::bind() {
  if (!guard_.is_local && options.bearer_token.empty()) {
    throw InputError(cat("host ", options.host),
                     "serving beyond this machine needs a token that every client must show",
                     "name its environment variable, or stay on 127.0.0.1");
  }
  Error error;
  Tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(options.host, std::to_string(options.port),
                       Tcp::resolver::passive | Tcp::resolver::numeric_service, error);
  for (const auto& entry : found) {
    acceptor_.open(entry.endpoint().protocol(), error);
    // Not SO_REUSEPORT: two servers would share one port without knowing.
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(entry.endpoint(), error);
    if (!error) acceptor_.listen(kBacklog, error);
    if (!error) acceptor_.non_blocking(true, error);
    if (!error) {
      port = acceptor_.local_endpoint().port();
      return;
    }
    acceptor_.close();
  }
  throw InputError(url_authority(options.host, options.port), "cannot listen on this address",
                   "another program may hold the port");
}

void Listener::accept_next() {
  if (stopping_) return;
  acceptor_.async_wait(Tcp::acceptor::wait_read, [this](const Error& error) {
    if (!error) accept_ready();
  });
}

void Listener::accept_later() {
  retry_.expires_after(kRetryAccept);
  retry_.async_wait([this](const Error& error) {
    if (!error) accept_next();
  });
}

// Whoever cannot be taken waits in the backlog.
void Listener::accept_ready() {
  if (stopping_) return;
  if (connections_.size() >= options.max_connections && !make_room(nullptr)) return accept_later();
  Error error;
  Tcp::socket socket(io);
  acceptor_.accept(socket, error);
  if (!error) {
    add(std::move(socket));
  } else if (error != asio::error::would_block && error != asio::error::connection_aborted) {
    // Descriptors or memory ran out.
    make_room(nullptr);
    return accept_later();
  }
  accept_next();
}

// Drops the connection for whose request the server has waited longest: all of them, or those of
// one client. False: there is none.
bool Listener::make_room(const std::string* client) {
  std::shared_ptr<Connection> oldest;
  Clock::time_point since = Clock::now() - kGrace;
  for (const auto& connection : connections_) {
    const auto start = connection->waited_for_since();
    if (!start || *start > since || (client != nullptr && connection->client() != *client)) {
      continue;
    }
    oldest = connection;
    since = *start;
  }
  if (oldest) oldest->close();
  return oldest != nullptr;
}

void Listener::add(Tcp::socket socket) {
  Error error;
  const Tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;  // it has left
  socket.set_option(Tcp::no_delay(true), error);
  std::string client = client_of(peer.address());
  if (!client.empty()) {
    const auto num_held =
        std::count_if(connections_.begin(), connections_.end(),
                      [&](const auto& connection) { return connection->client() == client; });
    const bool is_full = static_cast<size_t>(num_held) >= options.max_connections_per_client;
    if (is_full && !make_room(&client)) return;
  }
  const auto connection = std::make_shared<Connection>(*this, std::move(socket), std::move(client));
  connections_.insert(connection);
  connection->start();
}

void Listener::stop() {
  stopping_ = true;
  Error ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  for (const auto& connection : std::set(connections_)) connection->close_unless_busy();
}

ServerReply Listener::error(int status, const std::string& message) const {
  return options.make_error ? options.make_error(status, message) : plain_error(status, message);
}

std::optional<ServerReply> Listener::refuse(const ServerRequest& request,
                                            const RequestHead& head) const {
  if (const auto refusal = refusal_of(head, guard_)) {
    ServerReply reply = error(refusal->status, refusal->message);
    if (refusal->status == 401) reply.headers.add("WWW-Authenticate", "Bearer");
    return reply;
  }
  const Route* const route = routes.find(request.method, request.path);
  if (route == nullptr) return routes.refusal(request.method, request.path);
  return route->judge ? route->judge(request) : std::nullopt;
}

ServerReply Listener::answer(ServerRequest request) const {
  try {
    const Route* const route = routes.find(request.method, request.path);
    LMC_CHECK(route != nullptr, "a request without a route");
    ServerReply reply = route->handler(std::move(request));
    check_fields(reply);
    return reply;
  } catch (const std::exception& thrown) {
    log_error(thrown);
    return error(500, "internal error");  // the text of the exception may quote the request
  }
}

void Listener::log_error(const std::exception& error) const {
  if (options.log_error) options.log_error(error.what());
}

}  // namespace

struct HttpServer::Impl {
  explicit Impl(HttpServerOptions options) : listener(std::move(options)) {}

  Listener listener;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::thread thread;

  void run() {
    for (;;) {
      try {
        listener.io.run();
        return;
      } catch (const std::exception& error) {  // of memory that ran out, say
        listener.log_error(error);
      }
    }
  }
};

HttpServer::HttpServer(HttpServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {
  impl_->listener.bind();
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::route(const std::string& method, const std::string& path, Handler handler,
                       JudgeHead judge) {
  impl_->listener.routes.add(method, path, {std::move(handler), std::move(judge)});
}

void HttpServer::start() {
  LMC_CHECK(!impl_->thread.joinable(), "start() is called once");
  impl_->work.emplace(impl_->listener.io.get_executor());
  impl_->listener.accept_next();
  impl_->thread = std::thread([this] { impl_->run(); });
}

void HttpServer::stop() {
  if (!impl_->thread.joinable()) return;
  std::promise<void> stopped;
  asio::post(impl_->listener.io, [&] {
    impl_->listener.stop();
    stopped.set_value();
  });
  stopped.get_future().wait();
  impl_->listener.handlers.finish();  // their replies are sent by the thread that still runs
  impl_->work.reset();
  impl_->thread.join();
}

int HttpServer::port() const { return impl_->listener.port; }

std::string url_authority(std::string_view host, int port) {
  const bool needs_brackets = host.find(':') != host.npos && !host.starts_with('[');
  return needs_brackets ? cat("[", host, "]:", port) : cat(host, ":", port);
}

}  // namespace lmc::net
