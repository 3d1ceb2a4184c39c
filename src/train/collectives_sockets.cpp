#include "train/collectives_sockets.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <system_error>

#include "base/check.h"         // InputError, Interrupted, cat
#include "base/interrupt.h"     // interrupt_requested
#include "train/collectives.h"  // RankGone

namespace lmc::train {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestNap{200};
constexpr size_t kMostStrangers = 64;  // that may be connected without having said who they are

std::string error_text() { return std::generic_category().message(errno); }

std::string print(const Address& address) { return cat(address.host, ":", address.port); }

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

AddressList resolve(const Address& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) {
    throw InputError(print(address), cat("no such address: ", ::gai_strerror(error)),
                     "MASTER_ADDR must name rank 0's machine");
  }
  return {found, &::freeaddrinfo};
}

void set_option(int descriptor, int level, int option, int value) {
  ::setsockopt(descriptor, level, option, &value, sizeof value);
}

// A machine that vanished without a word is found out in about a minute.
void tune(int descriptor) {
  constexpr int kUserTimeoutMs = 60000;
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 20);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 4);
  set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
}

// Both sides say the same in their turn; fixed size, so that a stranger decides nothing.
struct Introduction {
  char magic[8] = {'l', 'm', 'c', 'r', 'a', 'n', 'k', '1'};
  char token[kTokenBytes] = {};
  uint32_t rank = 0;
};

Introduction introduction(const std::string& token, int rank) {
  LMC_CHECK(token.size() == kTokenBytes, token.size());
  Introduction mine;
  std::memcpy(mine.token, token.data(), kTokenBytes);
  mine.rank = static_cast<uint32_t>(rank);
  return mine;
}

// Takes the same time wherever the two differ, so that a token cannot be guessed byte by byte.
bool knows_token(const Introduction& theirs, const Introduction& ours) {
  int differences = std::memcmp(theirs.magic, ours.magic, sizeof ours.magic) != 0;
  for (size_t i = 0; i < kTokenBytes; ++i) differences |= theirs.token[i] ^ ours.token[i];
  return differences == 0;
}

void say(const Socket& socket, const Introduction& mine) {
  // Fits the empty send buffer of a new connection; a failure shows when the answer is read.
  static_cast<void>(::send(socket.descriptor(), &mine, sizeof mine, MSG_NOSIGNAL));
}

struct Stranger {
  Socket socket;
  Introduction said = {};
  size_t bytes = 0;
};

enum class Heard { kMore, kAll, kNothing };

Heard listen_to(Stranger& stranger) {
  const ssize_t got =
      ::recv(stranger.socket.descriptor(), reinterpret_cast<char*>(&stranger.said) + stranger.bytes,
             sizeof(Introduction) - stranger.bytes, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Heard::kMore;
  if (got <= 0) return Heard::kNothing;
  stranger.bytes += static_cast<size_t>(got);
  return stranger.bytes == sizeof(Introduction) ? Heard::kAll : Heard::kMore;
}

// A port that nobody listens at yet may be given to the very socket that connects to it.
bool connected_to_itself(const Socket& socket) {
  const Address own = address_of(socket);
  sockaddr_storage storage = {};
  socklen_t length = sizeof storage;
  char host[NI_MAXHOST], port[NI_MAXSERV];
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  return ::getpeername(socket.descriptor(), address, &length) == 0 &&
         ::getnameinfo(address, length, host, sizeof host, port, sizeof port,
                       NI_NUMERICHOST | NI_NUMERICSERV) == 0 &&
         own.host == host && std::to_string(own.port) == port;
}

std::string missing_ranks(const std::vector<Socket>& ranks, int first) {
  std::string names;
  for (size_t i = 0; i < ranks.size(); ++i) {
    if (!ranks[i]) names += cat(names.empty() ? "" : ", ", first + static_cast<int>(i));
  }
  return names;
}

}  // namespace

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

milliseconds Deadline::left() const {
  const auto left =
      std::chrono::duration_cast<milliseconds>(at_ - std::chrono::steady_clock::now());
  return std::max(left, milliseconds{0});
}

milliseconds Deadline::next_wait(const std::string& waits_for) const {
  if (interrupt_requested()) throw Interrupted(cat("stopped while waiting for ", waits_for));
  return std::min(left(), kLongestNap);
}

Socket listen_at(const Address& at) {
  const AddressList found = resolve(at);
  Socket socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  set_option(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (!socket || ::bind(socket.descriptor(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(socket.descriptor(), SOMAXCONN) != 0) {
    throw InputError(print(at), cat("rank 0 cannot listen here: ", error_text()),
                     "MASTER_ADDR must be an address of rank 0's machine, MASTER_PORT a free port");
  }
  return socket;
}

Address address_of(const Socket& socket) {
  sockaddr_storage storage = {};
  socklen_t length = sizeof storage;
  char host[NI_MAXHOST], port[NI_MAXSERV];
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(socket.descriptor(), address, &length) != 0 ||
      ::getnameinfo(address, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    throw InputError("collectives", cat("a socket without an address: ", error_text()));
  }
  return {host, std::stoi(port)};
}

std::string own_address_towards(const Address& other) {
  const AddressList found = resolve(other);
  // Connecting a datagram socket sends nothing; it asks the system for the route.
  const Socket probe(::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!probe || ::connect(probe.descriptor(), found->ai_addr, found->ai_addrlen) != 0) {
    throw InputError(print(other), cat("no route from this machine: ", error_text()));
  }
  return address_of(probe).host;
}

Socket connect_to(const Address& address, const std::string& who, const Deadline& deadline) {
  std::string problem;
  do {
    const AddressList found = resolve(address);
    Socket socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    int error = 0;
    if (::connect(socket.descriptor(), found->ai_addr, found->ai_addrlen) != 0) error = errno;
    while (error == EINPROGRESS && !deadline.passed()) {
      pollfd waiting = {socket.descriptor(), POLLOUT, 0};
      if (::poll(&waiting, 1, static_cast<int>(deadline.next_wait(who).count())) <= 0) continue;
      socklen_t length = sizeof error;
      ::getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &error, &length);
    }
    if (error == 0 && connected_to_itself(socket)) error = ECONNREFUSED;
    if (error == 0) {
      tune(socket.descriptor());
      return socket;
    }
    problem = std::generic_category().message(error);
    ::poll(nullptr, 0, static_cast<int>(deadline.next_wait(who).count()));
  } while (!deadline.passed());
  throw RankGone(who, cat("cannot be reached at ", print(address), ": ", problem),
                 "was it started, with the same MASTER_ADDR and MASTER_PORT?");
}

void introduce(const Socket& socket, const std::string& token, int rank, int peer,
               const Deadline& deadline) {
  const std::string who = cat("rank ", peer);
  const Introduction mine = introduction(token, rank);
  say(socket, mine);
  Stranger other{Socket(::dup(socket.descriptor()))};
  Heard heard = Heard::kMore;
  while (heard == Heard::kMore && !deadline.passed()) {
    pollfd waiting = {socket.descriptor(), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(deadline.next_wait(who).count()));
    heard = listen_to(other);
  }
  if (heard != Heard::kAll || !knows_token(other.said, mine) ||
      other.said.rank != static_cast<uint32_t>(peer)) {
    throw RankGone(who, heard == Heard::kMore ? "accepted the connection and said nothing"
                                              : "refused the connection, or is of another job");
  }
}

std::vector<Socket> accept_ranks(const Socket& listener, const std::string& token, int rank,
                                 int size, const Deadline& deadline) {
  std::vector<Socket> ranks(static_cast<size_t>(size - rank - 1));
  std::vector<Stranger> strangers;
  const Introduction mine = introduction(token, rank);
  while (std::any_of(ranks.begin(), ranks.end(), [](const Socket& s) { return !s; })) {
    const std::string who = cat("rank ", missing_ranks(ranks, rank + 1));
    if (deadline.passed()) {
      throw RankGone(who, "did not come in time", cat("are all ", size, " processes started?"));
    }
    std::vector<pollfd> watched = {{listener.descriptor(), POLLIN, 0}};
    for (const Stranger& s : strangers) watched.push_back({s.socket.descriptor(), POLLIN, 0});
    if (::poll(watched.data(), watched.size(), static_cast<int>(deadline.next_wait(who).count())) <=
        0) {
      continue;
    }
    for (size_t i = strangers.size(); i-- > 0;) {
      if (watched[i + 1].revents == 0) continue;
      Stranger& stranger = strangers[i];
      const Heard heard = listen_to(stranger);
      if (heard == Heard::kMore) continue;
      const int index = static_cast<int>(stranger.said.rank) - rank - 1;
      if (heard == Heard::kAll && knows_token(stranger.said, mine) && index >= 0 &&
          index < static_cast<int>(ranks.size()) && !ranks[static_cast<size_t>(index)]) {
        say(stranger.socket, mine);
        ranks[static_cast<size_t>(index)] = std::move(stranger.socket);
      }
      strangers.erase(strangers.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (watched[0].revents != 0) {
      Socket socket(
          ::accept4(listener.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!socket) continue;
      tune(socket.descriptor());
      if (strangers.size() == kMostStrangers) strangers.erase(strangers.begin());
      strangers.push_back({std::move(socket)});
    }
  }
  return ranks;
}

}  // namespace lmc::train
