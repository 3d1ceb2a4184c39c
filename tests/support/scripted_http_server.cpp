#include "support/scripted_http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <map>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

namespace lmc::tests {

namespace {

using Clock = std::chrono::steady_clock;
using Timers = std::multimap<Clock::time_point, int>;  // descriptors by the time they wait for

constexpr size_t kMaxHeadBytes = size_t{64} << 10;

int checked(int result, const char* action) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), action);
  return result;
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// No child process inherits a descriptor: it would hold connections open past our closing them.
int listening_socket(int port) {
  const int listener = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                               "make a listening socket");
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = loopback(port);
  checked(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(::listen(listener, SOMAXCONN), "listen");
  return listener;
}

int port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  checked(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), "name a socket");
  return ntohs(address.sin_port);
}

bool parse_head(std::string_view head, net::ServerRequest& request) {
  const size_t first_end = head.find("\r\n");
  const std::string_view first = head.substr(0, first_end);
  const size_t space = first.find(' ');
  const size_t second_space = first.rfind(' ');
  if (space == first.npos || second_space == space) return false;
  if (!first.substr(second_space + 1).starts_with("HTTP/1.")) return false;
  request.method = first.substr(0, space);
  const std::string_view target = first.substr(space + 1, second_space - space - 1);
  const size_t question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  request.query = target.substr(std::min(question + 1, target.size()));
  for (size_t at = first_end; at != head.npos;) {
    const size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string_view line = head.substr(begin, at == head.npos ? at : at - begin);
    const size_t colon = line.find(':');
    if (colon == line.npos) return false;
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    request.headers.add(std::string(line.substr(0, colon)), std::string(value));
  }
  return true;
}

// Of a request without the field: 0. False: not a number.
bool parse_length(std::string_view text, size_t& length) {
  length = 0;
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() && end == text.data() + text.size();
}

std::string hex(size_t value) {
  std::array<char, 16> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return {digits.data(), result.ptr};
}

std::string chunked(std::string_view body, size_t piece_bytes) {
  if (piece_bytes == 0) piece_bytes = std::max<size_t>(body.size(), 1);
  std::string framed;
  for (; !body.empty(); body.remove_prefix(std::min(piece_bytes, body.size()))) {
    const std::string_view piece = body.substr(0, piece_bytes);
    framed += hex(piece.size());
    framed += "\r\n";
    framed += piece;
    framed += "\r\n";
  }
  return framed + "0\r\n\r\n";
}

struct Wire {
  std::string bytes;
  size_t head_bytes = 0;  // goes out at once, in front of the first piece
};

Wire wire_of(const Script& script) {
  if (script.framing == Script::Framing::kNone) return {script.body, 0};
  Wire wire;
  wire.bytes = "HTTP/1.1 " + std::to_string(script.status) + " Scripted\r\n";
  for (const auto& [name, value] : script.headers) wire.bytes += name + ": " + value + "\r\n";
  if (script.headers.get("Content-Type").empty()) {
    wire.bytes += "Content-Type: application/json\r\n";
  }
  if (script.end == Script::End::kClose) wire.bytes += "Connection: close\r\n";
  const bool is_chunked = script.framing == Script::Framing::kChunked;
  wire.bytes += is_chunked ? "Transfer-Encoding: chunked\r\n\r\n"
                           : "Content-Length: " + std::to_string(script.body.size()) + "\r\n\r\n";
  wire.head_bytes = wire.bytes.size();
  wire.bytes += is_chunked ? chunked(script.body, script.piece_bytes) : script.body;
  if (script.end == Script::End::kCut || script.end == Script::End::kReset) {
    wire.bytes.resize(std::min(wire.bytes.size(), wire.head_bytes + script.body_sent));
  }
  return wire;
}

Script refusal(int status) {
  Script script;
  script.status = status;
  script.end = Script::End::kClose;
  script.counts_as_slot = false;
  return script;
}

struct Connection {
  enum class Phase { kHead, kBody, kWaiting, kSending };
  int descriptor = -1;
  Phase phase = Phase::kHead;
  uint32_t interest = 0;  // what epoll watches
  Timers::iterator timer;
  bool has_timer = false;

  std::string head;  // of the next request, with what came behind it
  net::ServerRequest request;
  size_t body_received = 0;

  Script script;
  Wire wire;
  size_t sent = 0;
  size_t may_send = 0;  // pieces that are due, in bytes of `wire`
};

}  // namespace

struct ScriptedHttpServer::Impl {
  Answer answer;
  int listener = -1;
  int epoll = -1;
  int stop = -1;  // an eventfd
  int port = 0;
  std::thread thread;
  std::unordered_map<int, Connection> connections;
  Timers timers;

  mutable std::mutex mutex;  // guards what follows
  ServerCounts counts;
  Clock::time_point counted_until = Clock::now();

  void watch(int descriptor, uint32_t events, int operation) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    checked(::epoll_ctl(epoll, operation, descriptor, &event), "watch a socket");
  }

  void watch(Connection& connection, uint32_t events) const {
    if (connection.interest == events) return;
    watch(connection.descriptor, events, EPOLL_CTL_MOD);
    connection.interest = events;
  }

  // Under the mutex.
  void add_in_flight(int64_t change) {
    const auto now = Clock::now();
    counts.slot_seconds += static_cast<double>(counts.in_flight) *
                           std::chrono::duration<double>(now - counted_until).count();
    counted_until = now;
    counts.in_flight += change;
    counts.most_in_flight = std::max(counts.most_in_flight, counts.in_flight);
  }

  void set_timer(Connection& connection, std::chrono::milliseconds from_now) {
    connection.timer = timers.emplace(Clock::now() + from_now, connection.descriptor);
    connection.has_timer = true;
  }

  void accept_all() {
    for (;;) {
      const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (descriptor < 0) return;
      const int yes = 1;
      ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      Connection& connection = connections[descriptor];
      connection.descriptor = descriptor;
      connection.interest = EPOLLIN;
      watch(descriptor, EPOLLIN, EPOLL_CTL_ADD);
      const std::lock_guard lock(mutex);
      ++counts.connections;
    }
  }

  void drop(Connection& connection, bool by_reset = false) {
    if (by_reset) {
      const linger at_once{1, 0};
      ::setsockopt(connection.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    if (connection.has_timer) timers.erase(connection.timer);
    ::close(connection.descriptor);
    connections.erase(connection.descriptor);
  }

  void end_reply(const Connection& connection, bool given_up) {
    const std::lock_guard lock(mutex);
    if (connection.script.counts_as_slot) add_in_flight(-1);
    counts.given_up += given_up ? 1 : 0;
  }

  void lose(Connection& connection) {
    const bool answering = connection.phase == Connection::Phase::kWaiting ||
                           connection.phase == Connection::Phase::kSending;
    if (answering) end_reply(connection, true);
    drop(connection);
  }

  // Reads until the request is complete or nothing more has come.
  void receive(Connection& connection) {
    while (connection.phase == Connection::Phase::kHead ||
           connection.phase == Connection::Phase::kBody) {
      ssize_t got = 0;
      if (connection.phase == Connection::Phase::kHead) {
        std::array<char, 16384> buffer;
        got = ::recv(connection.descriptor, buffer.data(), buffer.size(), 0);
        if (got > 0) connection.head.append(buffer.data(), static_cast<size_t>(got));
      } else {
        std::string& body = connection.request.body;
        got = ::recv(connection.descriptor, body.data() + connection.body_received,
                     body.size() - connection.body_received, 0);
        if (got > 0) connection.body_received += static_cast<size_t>(got);
      }
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (got <= 0) return lose(connection);
      if (!advance(connection)) return;
    }
  }

  // Goes on with what has been received. False: the connection is gone.
  bool advance(Connection& connection) {
    if (connection.phase == Connection::Phase::kHead) {
      const size_t end = connection.head.find("\r\n\r\n");
      if (end == std::string::npos) {
        return connection.head.size() <= kMaxHeadBytes || begin_reply(connection, refusal(431));
      }
      connection.request = {};
      size_t length = 0;
      if (!parse_head(std::string_view(connection.head).substr(0, end), connection.request) ||
          !parse_length(connection.request.headers.get("Content-Length"), length)) {
        return begin_reply(connection, refusal(400));
      }
      if (!connection.request.headers.get("Transfer-Encoding").empty()) {
        return begin_reply(connection, refusal(411));
      }
      if (length > kMaxBodyBytes) return begin_reply(connection, refusal(413));
      connection.head.erase(0, end + 4);
      connection.body_received = std::min(length, connection.head.size());
      connection.request.body = connection.head.substr(0, connection.body_received);
      connection.request.body.resize(length);
      connection.head.erase(0, connection.body_received);
      connection.phase = Connection::Phase::kBody;
    }
    if (connection.body_received < connection.request.body.size()) return true;
    int64_t number = 0;
    {
      const std::lock_guard lock(mutex);
      number = counts.requests++;
    }
    return begin_reply(connection, answer(connection.request, number));
  }

  bool begin_reply(Connection& connection, Script script) {
    connection.request = {};
    connection.script = std::move(script);
    connection.phase = Connection::Phase::kWaiting;
    if (connection.script.counts_as_slot) {
      const std::lock_guard lock(mutex);
      add_in_flight(1);
    }
    watch(connection, EPOLLRDHUP);
    if (connection.script.end == Script::End::kNever) return true;
    if (connection.script.delay.count() == 0) return begin_sending(connection);
    set_timer(connection, connection.script.delay);
    return true;
  }

  bool begin_sending(Connection& connection) {
    connection.wire = wire_of(connection.script);
    connection.script.body = {};
    connection.phase = Connection::Phase::kSending;
    connection.sent = 0;
    connection.may_send = connection.wire.head_bytes;
    return send_chunk(connection);
  }

  bool send_chunk(Connection& connection) {
    const size_t whole = connection.wire.bytes.size();
    const bool at_once = connection.script.piece_wait.count() == 0;
    connection.may_send =
        at_once ? whole : std::min(whole, connection.may_send + connection.script.piece_bytes);
    return send(connection);
  }

  // Sends what is due. False: the connection is gone.
  bool send(Connection& connection) {
    const std::string& bytes = connection.wire.bytes;
    while (connection.sent < connection.may_send) {
      const ssize_t sent = ::send(connection.descriptor, bytes.data() + connection.sent,
                                  connection.may_send - connection.sent, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) {
        watch(connection, EPOLLOUT | EPOLLRDHUP);
        return true;
      }
      if (sent < 0) {
        lose(connection);
        return false;
      }
      connection.sent += static_cast<size_t>(sent);
    }
    if (connection.sent < bytes.size()) {
      watch(connection, EPOLLRDHUP);
      set_timer(connection, connection.script.piece_wait);
      return true;
    }
    return finish(connection);
  }

  bool finish(Connection& connection) {
    end_reply(connection, false);
    const Script& script = connection.script;
    const bool keep =
        script.end == Script::End::kKeepAlive && script.framing != Script::Framing::kNone;
    if (!keep) {
      drop(connection, script.end == Script::End::kReset);
      return false;
    }
    connection.wire = {};
    connection.phase = Connection::Phase::kHead;
    watch(connection, EPOLLIN);
    return connection.head.empty() || advance(connection);  // a request sent ahead
  }

  void run_timers() {
    const auto now = Clock::now();
    while (!timers.empty() && timers.begin()->first <= now) {
      Connection& connection = connections.at(timers.begin()->second);
      timers.erase(timers.begin());
      connection.has_timer = false;
      if (connection.phase == Connection::Phase::kWaiting) {
        begin_sending(connection);
      } else {
        send_chunk(connection);
      }
    }
  }

  int wait_ms() const {
    if (timers.empty()) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(timers.begin()->first - Clock::now());
    return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 3'600'000));
  }

  void on_event(const epoll_event& event) {
    const auto found = connections.find(event.data.fd);
    if (found == connections.end()) return;
    Connection& connection = found->second;
    if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
      lose(connection);
    } else if ((event.events & EPOLLOUT) != 0) {
      send(connection);
    } else {
      receive(connection);
    }
  }

  void serve() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = ::epoll_wait(epoll, events.data(), events.size(), wait_ms());
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == stop) return;
        if (events[i].data.fd == listener) {
          accept_all();
        } else {
          on_event(events[i]);
        }
      }
      run_timers();
    }
  }
};

ScriptedHttpServer::ScriptedHttpServer(Answer answer, int port) : impl_(std::make_unique<Impl>()) {
  impl_->answer = std::move(answer);
  impl_->listener = listening_socket(port);
  impl_->port = port_of(impl_->listener);
  impl_->epoll = checked(::epoll_create1(EPOLL_CLOEXEC), "make an epoll");
  impl_->stop = checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "make an eventfd");
  impl_->watch(impl_->listener, EPOLLIN, EPOLL_CTL_ADD);
  impl_->watch(impl_->stop, EPOLLIN, EPOLL_CTL_ADD);
  impl_->thread = std::thread([this] { impl_->serve(); });
}

ScriptedHttpServer::~ScriptedHttpServer() {
  ::eventfd_write(impl_->stop, 1);
  impl_->thread.join();
  for (const auto& [descriptor, connection] : impl_->connections) ::close(descriptor);
  ::close(impl_->listener);
  ::close(impl_->epoll);
  ::close(impl_->stop);
}

int ScriptedHttpServer::port() const { return impl_->port; }

std::string ScriptedHttpServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(impl_->port) + path;
}

ServerCounts ScriptedHttpServer::counts() const {
  const std::lock_guard lock(impl_->mutex);
  impl_->add_in_flight(0);
  return impl_->counts;
}

}  // namespace lmc::tests
