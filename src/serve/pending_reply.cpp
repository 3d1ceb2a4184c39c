#include "serve/pending_reply.h"

#include <utility>

namespace lmc::serve {

bool PendingReply::push(std::string_view piece) {
  const std::lock_guard lock(mutex_);
  gathered_ += piece;
  has_text_ = has_text_ || !piece.empty();
  changed_.notify_one();
  return !cancelled_;
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
  changed_.wait(lock, [this] { return ended_ || !gathered_.empty(); });
  if (!gathered_.empty()) return std::exchange(gathered_, {});
  if (error_) std::rethrow_exception(error_);
  return std::nullopt;
}

const infer::Reply& PendingReply::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ended_; });
  if (error_) std::rethrow_exception(error_);
  return reply_;
}

void PendingReply::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
}

bool PendingReply::has_text() const {
  const std::lock_guard lock(mutex_);
  return has_text_;
}

}  // namespace lmc::serve
