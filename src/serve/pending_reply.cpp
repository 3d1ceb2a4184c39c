#include "serve/pending_reply.h"

#include <utility>

#include "serve/client_left.h"  // ClientLeft

namespace lmc::serve {

bool PendingReply::push(std::string_view piece) {
  const std::lock_guard lock(mutex_);
  gathered_ += piece;
  changed_.notify_one();
  return !cancelled_;
}

bool PendingReply::take_back() {
  const std::lock_guard lock(mutex_);
  if (was_given_ || cancelled_) return false;
  gathered_.clear();
  return true;
}

void PendingReply::finish(infer::Reply reply) {
  const std::lock_guard lock(mutex_);
  reply_ = std::move(reply);
  ended_ = true;
  changed_.notify_one();
}

void PendingReply::fail(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  error_ = std::move(error);
  ended_ = true;
  changed_.notify_one();
}

std::optional<std::string> PendingReply::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ended_ || cancelled_ || !gathered_.empty(); });
  if (cancelled_) throw ClientLeft();
  if (!gathered_.empty()) {
    was_given_ = true;
    return std::exchange(gathered_, {});
  }
  if (error_) std::rethrow_exception(error_);
  return std::nullopt;
}

const infer::Reply& PendingReply::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ended_ || cancelled_; });
  if (!ended_) throw ClientLeft();
  if (error_) std::rethrow_exception(error_);
  return reply_;
}

void PendingReply::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_one();
}

bool PendingReply::is_cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

}  // namespace lmc::serve
