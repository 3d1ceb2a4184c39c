// Plain TCP for the ranks of a run: addresses, connections that were made sure of, and deadlines.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace lmc::train {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket();
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  int descriptor() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_ = -1;
};

struct Address {
  std::string host;
  int port = 0;
};

// A time by which something must have happened; waits for it also end when a stop is asked for.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds from_now)
      : at_(std::chrono::steady_clock::now() + from_now) {}
  bool passed() const { return std::chrono::steady_clock::now() >= at_; }
  std::chrono::milliseconds left() const;
  // At most a moment, so that a loop around it sees a stop.
  // Errors: Interrupted.
  std::chrono::milliseconds next_wait(const std::string& waits_for) const;

 private:
  std::chrono::steady_clock::time_point at_;
};

// Listens at `at` alone, not on all of the machine's addresses; port 0: any that is free.
// Errors: InputError.
Socket listen_at(const Address& at);

// Where the socket is bound.
Address address_of(const Socket& socket);

// The address of this machine by which it reaches `other`.
// Errors: InputError.
std::string own_address_towards(const Address& other);

// Tries until it answers.
// Errors: RankGone with `who` after the deadline.
Socket connect_to(const Address& address, const std::string& who, const Deadline& deadline);

// What the ranks prove to each other by: 32 bytes that no stranger knows, and who one is.
constexpr size_t kTokenBytes = 32;

// Connects ranks: says who we are and waits for the other's answer.
void introduce(const Socket& socket, const std::string& token, int rank, int peer,
               const Deadline& deadline);

// Accepts ranks `rank + 1` to `size - 1`, in that order in the result; whoever does not know the
// token is turned away.
// Errors: RankGone naming who has not come.
std::vector<Socket> accept_ranks(const Socket& listener, const std::string& token, int rank,
                                 int size, const Deadline& deadline);

}  // namespace lmc::train
