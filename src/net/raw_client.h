// For tests: a TCP client that sends the bytes it is told to, which a sound HTTP client cannot.
//
// Threads: one at a time.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace lmc::net {

class RawClient {
 public:
  explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(RawClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), is_connected_(other.is_connected_) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() { leave(); }

  bool is_connected() const { return is_connected_; }

  // False: the server takes no more.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // What comes until `end` has come, the server ends the connection, or the time is over.
  std::string receive_until(std::string_view end, std::chrono::milliseconds most) {
    const auto deadline = std::chrono::steady_clock::now() + most;
    std::string received;
    while (end.empty() || received.find(end) == received.npos) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd readable{socket_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) break;
      std::array<char, 65536> bytes;
      const ssize_t num_bytes = ::recv(socket_, bytes.data(), bytes.size(), 0);
      was_ended_ = num_bytes <= 0;
      if (was_ended_) break;
      received.append(bytes.data(), static_cast<size_t>(num_bytes));
    }
    return received;
  }
  // All until the connection ends.
  std::string receive(std::chrono::milliseconds most = std::chrono::milliseconds(20'000)) {
    return receive_until("", most);
  }
  bool was_ended() const { return was_ended_; }  // by the server

  void end_own_side() { ::shutdown(socket_, SHUT_WR); }
  void leave() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  int socket_ = -1;
  bool is_connected_ = false;
  bool was_ended_ = false;
};

}  // namespace lmc::net
