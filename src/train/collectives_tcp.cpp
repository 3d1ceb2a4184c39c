// One connection between each pair of ranks. The sum sends every value once and its sum once,
// which no tree or ring does in less; a connection that closes tells of a death at once.
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>

#include "base/sha256.h"  // sha256_hex
#include "train/collectives_engines.h"
#include "train/collectives_links.h"
#include "train/collectives_rendezvous.h"
#include "train/collectives_sockets.h"

namespace lmc::train {

namespace {

using Clock = std::chrono::steady_clock;

std::string random_token() {
  char bytes[kTokenBytes];
  if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) {
    throw InputError("getrandom", std::generic_category().message(errno));
  }
  return sha256_hex({bytes, sizeof bytes}).substr(0, kTokenBytes);
}

std::string name_ranks(const std::set<int>& ranks, int size) {
  std::string names;
  for (const int rank : ranks) names += cat(names.empty() ? "" : ", ", rank);
  return cat(ranks.size() == 1 ? "rank " : "ranks ", names, " of ", size);
}

// What is left to move over one connection.
struct Traffic {
  std::vector<Send> sends;
  std::vector<Receive> receives;
  size_t num_sent = 0, num_received = 0;  // pieces that are done

  bool sending() const { return num_sent < sends.size(); }
  bool receiving() const { return num_received < receives.size(); }
};

class TcpLinks : public Links {
 public:
  TcpLinks(const Launch& launch, std::chrono::seconds timeout)
      : rank_(launch.rank), size_(launch.size), timeout_(timeout) {
    const Deadline deadline(timeout);
    Rendezvous rendezvous(launch, deadline);
    const Socket listener = listen_at({own_address_towards({launch.address, launch.port}), 0});
    const Address own = address_of(listener);
    rendezvous.set(cat("rank ", rank_), cat(own.port, " ", own.host));
    const std::string token = agree_on_token(launch, rendezvous, deadline);
    for (int peer = 0; peer < rank_; ++peer) {
      const std::string who = cat("rank ", peer);
      const std::string place = rendezvous.get(who, who, deadline);
      const size_t space = std::min(place.find(' '), place.size() - 1);
      Socket socket =
          connect_to({place.substr(space + 1), std::atoi(place.c_str())}, who, deadline);
      introduce(socket, token, rank_, peer, deadline);
      sockets_.push_back(std::move(socket));
    }
    sockets_.emplace_back();
    for (Socket& socket : accept_ranks(listener, token, rank_, size_, deadline)) {
      sockets_.push_back(std::move(socket));
    }
    // Rank 0's store ends with this scope, and another rank may still be looking for a third.
    wait_for_all();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  std::string name() const override { return "tcp"; }

  void exchange(std::span<const Send> sends, std::span<const Receive> receives) override {
    std::vector<Traffic> traffic(sockets_.size());
    for (const Send& piece : sends) {
      if (piece.bytes > 0) traffic[static_cast<size_t>(piece.peer)].sends.push_back(piece);
    }
    for (const Receive& piece : receives) {
      if (piece.bytes > 0) traffic[static_cast<size_t>(piece.peer)].receives.push_back(piece);
    }
    auto last_sign = Clock::now();
    while (true) {
      std::vector<pollfd> waiting;
      bool moved = false;
      for (size_t peer = 0; peer < traffic.size(); ++peer) {
        Traffic& t = traffic[peer];
        if (!t.sending() && !t.receiving()) continue;
        moved |= move(static_cast<int>(peer), t);
        const int events = (t.sending() ? POLLOUT : 0) | (t.receiving() ? POLLIN : 0);
        if (events != 0) {
          waiting.push_back({sockets_[peer].descriptor(), static_cast<short>(events), 0});
        }
      }
      if (waiting.empty()) return;
      if (moved) {
        last_sign = Clock::now();
        continue;
      }
      constexpr int kNapMs = 1000;
      if (::poll(waiting.data(), waiting.size(), kNapMs) <= 0 &&
          Clock::now() - last_sign > timeout_) {
        give_up_on(traffic);
      }
    }
  }

  void check_alive() override {
    const std::set<int> gone = closed();
    if (!gone.empty()) report_gone(gone, 0);
  }

 private:
  static std::string agree_on_token(const Launch& launch, Rendezvous& rendezvous,
                                    const Deadline& deadline) {
    if (!launch.secret.empty()) return sha256_hex(launch.secret).substr(0, kTokenBytes);
    if (launch.rank == 0) {
      const std::string token = random_token();
      rendezvous.set("token", token);
      return token;
    }
    const std::string token = rendezvous.get("token", "rank 0", deadline);
    if (token.size() != kTokenBytes) throw InputError("rank 0", "left no token of this program");
    return token;
  }

  void wait_for_all() {
    const std::byte here{1};
    std::vector<std::byte> theirs(sockets_.size());
    std::vector<Send> sends;
    std::vector<Receive> receives;
    for (int peer = 0; peer < size_; ++peer) {
      if (peer == rank_) continue;
      sends.push_back({peer, &here, 1});
      receives.push_back({peer, &theirs[static_cast<size_t>(peer)], 1});
    }
    exchange(sends, receives);
  }

  // As much as the system takes and gives without waiting; whether that was anything.
  bool move(int peer, Traffic& t) {
    const int descriptor = sockets_[static_cast<size_t>(peer)].descriptor();
    bool moved = false;
    while (t.sending()) {
      Send& piece = t.sends[t.num_sent];
      const ssize_t sent = ::send(descriptor, piece.data, piece.bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) break;
      if (sent < 0) lose(peer, errno);
      moved = true;
      piece.data += sent;
      piece.bytes -= static_cast<size_t>(sent);
      if (piece.bytes == 0) ++t.num_sent;
    }
    while (t.receiving()) {
      Receive& piece = t.receives[t.num_received];
      const ssize_t got = ::recv(descriptor, piece.data, piece.bytes, MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) break;
      if (got <= 0) lose(peer, got == 0 ? 0 : errno);
      moved = true;
      piece.data += got;
      piece.bytes -= static_cast<size_t>(got);
      if (piece.bytes == 0) ++t.num_received;
    }
    return moved;
  }

  // Names all whose connection is closed: of two that went together either may be met first.
  [[noreturn]] void lose(int met, int error) {
    std::set<int> gone = closed();
    gone.insert(met);
    report_gone(gone, error);
  }

  std::set<int> closed() const {
    std::set<int> gone;
    for (int peer = 0; peer < size_; ++peer) {
      if (peer == rank_) continue;
      pollfd state = {sockets_[static_cast<size_t>(peer)].descriptor(), POLLRDHUP, 0};
      if (::poll(&state, 1, 0) > 0) gone.insert(peer);
    }
    return gone;
  }

  [[noreturn]] void report_gone(const std::set<int>& gone, int error) const {
    throw RankGone(
        name_ranks(gone, size_),
        cat(gone.size() == 1 ? "is gone: " : "are gone: ",
            error == 0 ? "the connection was closed" : std::generic_category().message(error)),
        "see that process's last message; start the run again to go on from its last "
        "checkpoint");
  }

  [[noreturn]] void give_up_on(const std::vector<Traffic>& traffic) const {
    std::set<int> silent;
    for (size_t peer = 0; peer < traffic.size(); ++peer) {
      if (traffic[peer].sending() || traffic[peer].receiving()) {
        silent.insert(static_cast<int>(peer));
      }
    }
    throw RankGone(name_ranks(silent, size_),
                   cat("showed no sign of life for ", timeout_.count(), " seconds"),
                   "start the run again to go on from its last checkpoint");
  }

  int rank_, size_;
  std::chrono::seconds timeout_;
  std::vector<Socket> sockets_;  // by rank; our own place is empty
};

}  // namespace

std::shared_ptr<Links> tcp_links(const Launch& launch, std::chrono::seconds timeout) {
  return std::make_shared<TcpLinks>(launch, timeout);
}

std::unique_ptr<Collectives> tcp_collectives(const Launch& launch, std::chrono::seconds timeout) {
  return collectives_over(tcp_links(launch, timeout));
}

}  // namespace lmc::train
