// One client of the server. Its requests are answered one after another, in their order.
//
// While a reply is made the connection is read on, so that a client that leaves is seen at once.
// Threads: the one of all connections, but for answer() and what it calls.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/byte_budget.h"     // ByteBudget
#include "net/dispatcher.h"       // Dispatcher
#include "net/elastic_threads.h"  // ElasticThreads
#include "net/http_server.h"      // HttpServerOptions, ServerReply, ServerRequest
#include "net/reply_stream.h"     // ReplyStream
#include "net/reply_writer.h"     // Framing
#include "net/request_reader.h"   // RequestReader
#include "net/transport.h"        // Transport

namespace lmc::net {

// What all connections of a server share.
struct ConnectionContext {
  const HttpServerOptions& options;
  boost::asio::io_context& io;
  const Dispatcher& dispatcher;
  ElasticThreads& handlers;
  ByteBudget& bodies;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  // `context` outlives the connection. `on_closed` is called once.
  Connection(const ConnectionContext& context, std::unique_ptr<Transport> transport,
             std::string client, std::function<void(const std::shared_ptr<Connection>&)> on_closed);

  void start();

  // Ends it at once, whatever it does.
  void close();
  // For a server that stops: a reply that is being made is still sent.
  void close_unless_busy();

  const std::string& client() const { return client_; }
  // Since when the server has waited for it; nothing while it waits for the server.
  std::optional<Clock::time_point> waited_for_since() const;

 private:
  using Error = Transport::Error;
  enum class Phase { kIdle, kHead, kBody, kReplying, kLingering, kClosed };

  void enter(Phase phase);
  void set_deadline(Clock::time_point when);
  void set_deadline(Clock::duration from_now) { set_deadline(Clock::now() + from_now); }
  void clear_deadline() { timer_.expires_at(Clock::time_point::max()); }

  void read();
  void on_read(const Error& error, size_t num_bytes);
  void next_request();
  void go_on();
  void read_head();
  void judge_head();
  void begin_body();
  void read_body();
  bool reserve_body(uint64_t num_bytes);

  void dispatch();
  void answer(ServerRequest request);
  ServerReply error(int status, const std::string& message) const;
  void refuse(ServerReply reply);
  void send(ServerReply reply);
  Framing framing_of(const ServerReply& reply) const;
  void begin_stream(const ServerReply& reply, std::shared_ptr<ReplyStream> stream);
  void flush_stream();
  void end_reply();
  void linger();
  void lose_client();

  // Goes on with `next` once all is sent.
  void write(std::string head, std::string body, void (Connection::*next)());

  const ConnectionContext& server_;
  const std::unique_ptr<Transport> transport_;
  boost::asio::steady_timer timer_;
  const std::string client_;
  const std::function<void(const std::shared_ptr<Connection>&)> on_closed_;

  Phase phase_ = Phase::kHead;
  Clock::time_point phase_start_ = Clock::now();
  std::array<char, 16384> received_;
  std::string unread_;  // what has come and nobody has taken yet
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool has_client_ended_ = false;
  RequestReader reader_;
  bool keep_alive_ = true;
  bool is_http_1_0_ = false;
  bool is_head_request_ = false;

  std::stop_source client_left_;
  std::shared_ptr<ReplyStream> stream_;
  std::string sent_head_;  // what is being sent
  std::string sent_body_;
};

}  // namespace lmc::net
