#include "net/connection.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "base/check.h"  // cat

namespace lmc::net {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Progress = RequestReader::Progress;

// Of requests that follow one that is being answered, what is kept at most before more is read.
constexpr size_t kMaxUnreadBytes = size_t{32} << 10;
// Smaller bodies are taken without a share of what bodies may take together.
constexpr size_t kSmallBodyBytes = size_t{64} << 10;
constexpr size_t kBytesPerSecond = size_t{256} << 10;  // a client slower than this is cut
constexpr auto kWriteTimeout = 30s;                    // for as much as is sent at once
// How long a client that is told to go may still send, so that it reads why.
constexpr auto kLingerTime = 2s;
constexpr const char* kNoMemory = "busy: too many large requests at once";

std::chrono::milliseconds time_for(size_t num_bytes) {
  return std::chrono::milliseconds(num_bytes * 1000 / kBytesPerSecond);
}

}  // namespace

Connection::Connection(const ConnectionContext& context, std::unique_ptr<Transport> transport,
                       std::string client,
                       std::function<void(const std::shared_ptr<Connection>&)> on_closed)
    : server_(context),
      transport_(std::move(transport)),
      timer_(context.io),
      client_(std::move(client)),
      on_closed_(std::move(on_closed)),
      reader_(context.options.max_body_bytes) {}

void Connection::start() {
  enter(Phase::kHead);
  set_deadline(server_.options.head_timeout);
  transport_->open([self = shared_from_this()](const Error& error) {
    if (self->phase_ == Phase::kClosed) return;
    error ? self->close() : self->read();
  });
}

void Connection::close() {
  if (phase_ == Phase::kClosed) return;
  enter(Phase::kClosed);
  timer_.cancel();
  transport_->close();
  lose_client();
  on_closed_(shared_from_this());
}

void Connection::close_unless_busy() {
  keep_alive_ = false;
  if (phase_ != Phase::kReplying) close();
}

std::optional<Connection::Clock::time_point> Connection::waited_for_since() const {
  if (phase_ == Phase::kReplying) return std::nullopt;
  return phase_start_;
}

void Connection::enter(Phase phase) {
  phase_ = phase;
  phase_start_ = Clock::now();
}

void Connection::set_deadline(Clock::time_point when) {
  timer_.expires_at(when);
  timer_.async_wait([self = shared_from_this()](const Error& error) {
    // A deadline that was set anew just as the old one passed is not over.
    if (!error && self->timer_.expiry() <= Clock::now()) self->close();
  });
}

void Connection::read() {
  if (is_reading_ || has_client_ended_ || unread_.size() >= kMaxUnreadBytes) return;
  is_reading_ = true;
  transport_->read(asio::buffer(received_),
                   [self = shared_from_this()](const Error& error, size_t num_bytes) {
                     self->on_read(error, num_bytes);
                   });
}

void Connection::on_read(const Error& error, size_t num_bytes) {
  is_reading_ = false;
  if (phase_ == Phase::kClosed || phase_ == Phase::kLingering) return;
  unread_.append(received_.data(), num_bytes);
  has_client_ended_ = static_cast<bool>(error);
  if (phase_ != Phase::kReplying) return go_on();
  has_client_ended_ ? lose_client() : read();
}

// Nobody may read the reply any more. A client that has ended its own side only still gets what
// comes at once, and what it has asked for before is answered.
void Connection::lose_client() {
  if (unread_.empty()) keep_alive_ = false;
  if (stream_) stream_->drop();
  client_left_.request_stop();
}

void Connection::next_request() {
  enter(Phase::kIdle);
  is_head_request_ = is_http_1_0_ = false;
  set_deadline(server_.options.keep_alive);
  go_on();
}

// With what has come.
void Connection::go_on() {
  if (phase_ == Phase::kBody) return read_body();
  if (phase_ == Phase::kIdle && !unread_.empty()) {
    enter(Phase::kHead);
    set_deadline(server_.options.head_timeout);
  }
  read_head();
}

void Connection::read_head() {
  switch (reader_.read_head(unread_)) {
    case Progress::kNeedsMore:
      return has_client_ended_ ? close() : read();
    case Progress::kMalformed:
      return refuse(error(400, "the request is not valid HTTP"));
    case Progress::kTooLarge:
      return refuse(
          error(431, cat("the head of the request is larger than ", kMaxHeadBytes, " bytes")));
    case Progress::kDone:
      return judge_head();
  }
}

void Connection::judge_head() {
  const RequestHead head = reader_.head();
  keep_alive_ = reader_.keep_alive();
  is_http_1_0_ = head.is_http_1_0;
  is_head_request_ = head.method == "HEAD";
  if (auto refusal = server_.dispatcher.refuse(reader_.request(), head)) {
    return refuse(std::move(*refusal));
  }
  reader_.has_body() ? begin_body() : dispatch();
}

void Connection::begin_body() {
  if (!reserve_body(reader_.content_length().value_or(0))) return refuse(error(503, kNoMemory));
  enter(Phase::kBody);
  if (is_http_1_0_ || reader_.request().headers.count("Expect") == 0) return read_body();
  write("HTTP/1.1 100 Continue\r\n\r\n", "", &Connection::read_body);
}

void Connection::read_body() {
  if (is_writing_) return;  // that it may go on; which ends here again
  switch (reader_.read_body(unread_)) {
    case Progress::kNeedsMore:
      if (!reserve_body(reader_.body_bytes())) return refuse(error(503, kNoMemory));
      // What has come buys time, waiting does not.
      set_deadline(phase_start_ + server_.options.body_timeout + time_for(reader_.body_bytes()));
      return has_client_ended_ ? close() : read();
    case Progress::kMalformed:
      return refuse(error(400, "the body of the request is not valid HTTP"));
    case Progress::kTooLarge:
      return refuse(
          error(413, cat("the body is larger than ", server_.options.max_body_bytes, " bytes")));
    case Progress::kDone:
      return dispatch();
  }
}

// What comes in chunks may still grow to the limit.
bool Connection::reserve_body(uint64_t num_bytes) {
  ByteBudget::Share& share = reader_.request().body_memory;
  if (num_bytes <= kSmallBodyBytes || share) return true;
  const uint64_t most = reader_.content_length().value_or(server_.options.max_body_bytes);
  share = server_.bodies.try_take(static_cast<size_t>(most));
  return share != nullptr;
}

void Connection::dispatch() {
  enter(Phase::kReplying);
  clear_deadline();
  client_left_ = std::stop_source();
  reader_.request().client_left = client_left_.get_token();
  const auto request = std::make_shared<ServerRequest>(std::move(reader_.request()));
  reader_.begin();
  has_client_ended_ ? lose_client() : read();
  server_.handlers.run([self = shared_from_this(), request] { self->answer(std::move(*request)); });
}

// On a handler's thread.
void Connection::answer(ServerRequest request) {
  const auto reply = std::make_shared<ServerReply>(server_.dispatcher.answer(std::move(request)));
  if (!reply->stream || is_head_request_) {
    asio::post(server_.io, [self = shared_from_this(), reply] { self->send(std::move(*reply)); });
    return;
  }
  const auto stream = std::make_shared<ReplyStream>(framing_of(*reply), [this] {
    asio::post(server_.io, [self = shared_from_this()] { self->flush_stream(); });
  });
  asio::post(server_.io,
             [self = shared_from_this(), reply, stream] { self->begin_stream(*reply, stream); });
  bool is_whole = false;
  try {
    is_whole = reply->stream([&](std::string_view piece) { return stream->send(piece); });
  } catch (const std::exception& error) {
    server_.dispatcher.log_error(error);
  }
  stream->end(is_whole);
}

Framing Connection::framing_of(const ServerReply& reply) const {
  if (!reply.stream) return Framing::kLength;
  return is_http_1_0_ ? Framing::kUntilClose : Framing::kChunked;
}

void Connection::begin_stream(const ServerReply& reply, std::shared_ptr<ReplyStream> stream) {
  stream_ = std::move(stream);
  if (phase_ == Phase::kClosed || has_client_ended_) stream_->drop();
  const Framing framing = framing_of(reply);
  keep_alive_ = keep_alive_ && framing != Framing::kUntilClose;
  write(head_text(reply, framing, keep_alive_), "", &Connection::flush_stream);
}

// Sends what has gathered meanwhile.
void Connection::flush_stream() {
  if (!stream_ || is_writing_ || phase_ == Phase::kClosed) return;
  ReplyStream::Taken taken = stream_->take();
  if (!taken.bytes.empty()) return write("", std::move(taken.bytes), &Connection::flush_stream);
  if (!taken.is_ended) return;
  stream_.reset();
  taken.is_whole ? end_reply() : close();
}

ServerReply Connection::error(int status, const std::string& message) const {
  return server_.dispatcher.error(status, message);
}

// Where a body follows that nobody reads, or the client is not to be trusted, the connection ends.
void Connection::refuse(ServerReply reply) {
  const bool may_stay = reply.status == 404 || reply.status == 405 || reply.status == 415;
  keep_alive_ = keep_alive_ && may_stay && !reader_.has_body();
  enter(Phase::kReplying);
  reader_.begin();
  send(std::move(reply));
}

void Connection::send(ServerReply reply) {
  std::string head = head_text(reply, framing_of(reply), keep_alive_);
  write(std::move(head), is_head_request_ ? std::string() : std::move(reply.body),
        &Connection::end_reply);
}

void Connection::write(std::string head, std::string body, void (Connection::*next)()) {
  if (phase_ == Phase::kClosed) return;
  is_writing_ = true;
  sent_head_ = std::move(head);
  sent_body_ = std::move(body);
  set_deadline(kWriteTimeout + time_for(sent_body_.size()));
  transport_->write({asio::buffer(sent_head_), asio::buffer(sent_body_)},
                    [self = shared_from_this(), next](const Error& error, size_t) {
                      self->is_writing_ = false;
                      if (self->phase_ == Phase::kClosed) return;
                      if (error) return self->close();
                      self->sent_body_ = {};
                      self->clear_deadline();
                      (self.get()->*next)();
                    });
}

void Connection::end_reply() { keep_alive_ ? next_request() : linger(); }

void Connection::linger() {
  enter(Phase::kLingering);
  set_deadline(kLingerTime);
  unread_ = {};
  transport_->end_and_drain([self = shared_from_this()] { self->close(); });
}

}  // namespace lmc::net
