// A streamed reply on its way from the thread that makes it to the connection that sends it.
//
// Whoever makes it is held back while a slow client has enough to read.
// Threads: send() and end() by the thread that makes the reply, the rest by the connection's.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "net/reply_writer.h"  // Framing

namespace lmc::net {

class ReplyStream {
 public:
  // `wake` is called, by any thread, when there is something to take; then not again before a
  // take() that finds nothing.
  ReplyStream(Framing framing, std::function<void()> wake)
      : framing_(framing), wake_(std::move(wake)) {}

  // Waits for room. False: the client has gone.
  bool send(std::string_view piece);
  void end(bool is_whole);

  struct Taken {
    std::string bytes;
    bool is_ended = false;  // and nothing is left
    bool is_whole = false;
  };
  Taken take();

  // Nobody reads the rest.
  void drop();

 private:
  void wake_once();

  const Framing framing_;
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable has_room_;
  std::string queued_;
  bool is_awake_ = false;
  bool is_dropped_ = false;
  bool is_ended_ = false;
  bool is_whole_ = false;
};

}  // namespace lmc::net
