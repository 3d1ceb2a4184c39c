// A reply on its way from the engine's thread to the thread of its connection.
//
// The engine never waits for a client: pieces gather here until the connection takes them.
// Threads: push(), take_back(), finish() and fail() by the engine's thread; cancel() and
// is_cancelled() by any; the rest by the connection's.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "infer/reply.h"  // Reply

namespace lmc::serve {

class PendingReply {
 public:
  bool push(std::string_view piece);  // false: nobody wants the rest
  // Forgets what was pushed, for another try. False: next() gave some away, or nobody wants it.
  bool take_back();
  void finish(infer::Reply reply);
  void fail(std::exception_ptr error);

  // The text that has come since the last call; waits for some. Empty at the end of the reply.
  // Errors: what fail() was given; ClientLeft when cancel() was called.
  std::optional<std::string> next();

  // Waits for the end.
  // Errors: what fail() was given; ClientLeft when cancel() was called before the end.
  const infer::Reply& wait();

  // Nobody wants the rest: ends waits at once.
  void cancel();
  bool is_cancelled() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string gathered_;
  bool was_given_ = false;
  bool cancelled_ = false;
  bool ended_ = false;
  std::exception_ptr error_;
  infer::Reply reply_;
};

}  // namespace lmc::serve
