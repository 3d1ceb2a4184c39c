// The replies to a prompt, mostly one, on their way from the engine's thread to the thread of their
// connection.
//
// The engine never waits for a client: pieces gather here until the connection takes them.
// Threads: push(), take_back(), finish() and fail() by the engine's thread; cancel() and
// is_cancelled() by any; the rest by the connection's.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infer/reply.h"  // Reply

namespace lmc::serve {

struct ReplyPiece {
  size_t reply = 0;  // which of several
  std::string text;
};

class PendingReply {
 public:
  bool push(size_t reply, std::string_view piece);  // false: nobody wants the rest
  // Forgets what was pushed, for another try. False: next() gave some away, or nobody wants it.
  bool take_back();
  void finish(std::vector<infer::Reply> replies);
  void fail(std::exception_ptr error);

  // Text of one reply that has come since the last call; waits for some. Empty at the end of them all.
  // Errors: what fail() was given; ClientLeft when cancel() was called.
  std::optional<ReplyPiece> next();

  // Waits for the end of them all.
  // Errors: what fail() was given; ClientLeft when cancel() was called before the end.
  const std::vector<infer::Reply>& wait();

  // Nobody wants the rest: ends waits at once.
  void cancel();
  bool is_cancelled() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> gathered_;  // by reply
  bool was_given_ = false;
  bool cancelled_ = false;
  bool ended_ = false;
  std::exception_ptr error_;
  std::vector<infer::Reply> replies_;
};

}  // namespace lmc::serve
