// An HTTP/1.1 server that answers by a script, and badly when told to: late, drop by drop, cut,
// reset, never, or with something that is not HTTP. A sound HTTP library cannot misbehave so.
//
// It listens on 127.0.0.1, keeps connections open, holds thousands of them, and takes bodies with a
// Content-Length. It counts what a client keeps busy.
// Threads: the server has one of its own, on which `Answer` is called; the rest may be called from
// any.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/http_server.h"  // ServerRequest

namespace lmc::tests {

// What the server does about one request.
struct Script {
  enum class Framing {
    kLength,   // Content-Length
    kChunked,  // each piece is a chunk
    kNone,     // `body` goes out as it is, without a status line: not HTTP; then the end
  };
  enum class End {
    kKeepAlive,
    kClose,  // "Connection: close", after the whole reply
    kCut,    // closed after `body_sent` bytes of the body, though the head has promised all of it
    kReset,  // the same, by a TCP reset
    kNever,  // no byte is sent; the client must give up
  };

  int status = 200;
  std::string body;
  net::Headers headers;  // beside those of the framing
  std::chrono::milliseconds delay{0};
  Framing framing = Framing::kLength;
  End end = End::kKeepAlive;
  size_t body_sent = 0;                     // of kCut and kReset
  size_t piece_bytes = 0;                   // 0: the body goes out in one piece
  std::chrono::milliseconds piece_wait{0};  // between two pieces
  bool counts_as_slot = true;               // false: not in the counts of what is in flight
};

struct ServerCounts {
  int64_t requests = 0;
  int64_t connections = 0;
  // A request is in flight from its last byte to the last byte of its reply.
  int64_t in_flight = 0;
  int64_t most_in_flight = 0;
  double slot_seconds = 0;  // the integral of in_flight over time
  int64_t given_up = 0;     // requests whose client left before the reply's end
};

class ScriptedHttpServer {
 public:
  // `number` counts requests from 0, in the order in which they became complete.
  using Answer = std::function<Script(const net::ServerRequest& request, int64_t number)>;

  static constexpr size_t kMaxBodyBytes = size_t{8} << 20;  // more is refused

  // Port 0: any free one.
  // Errors: std::system_error when the port cannot be had.
  explicit ScriptedHttpServer(Answer answer, int port = 0);
  ~ScriptedHttpServer();  // drops all connections
  ScriptedHttpServer(const ScriptedHttpServer&) = delete;
  ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;

  int port() const;
  std::string url(const std::string& path) const;
  ServerCounts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lmc::tests
