#include "serve/pending_reply.h"

#include <algorithm>
#include <utility>

#include "serve/client_left.h"  // ClientLeft

namespace lmc::serve {

bool PendingReply::push(size_t reply, std::string_view piece) {
  const std::lock_guard lock(mutex_);
  if (gathered_.size() <= reply) gathered_.resize(reply + 1);
  gathered_[reply] += piece;
  changed_.notify_one();
  return !cancelled_;
}

bool PendingReply::take_back() {
  const std::lock_guard lock(mutex_);
  if (was_given_ || cancelled_) return false;
  gathered_.clear();
  return true;
}

void PendingReply::finish(std::vector<infer::Reply> replies) {
  const std::lock_guard lock(mutex_);
  replies_ = std::move(replies);
  ended_ = true;
  changed_.notify_one();
}

void PendingReply::fail(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  error_ = std::move(error);
  ended_ = true;
  changed_.notify_one();
}

std::optional<ReplyPiece> PendingReply::next() {
  std::unique_lock lock(mutex_);
  const auto find_text = [this] {
    return std::find_if(gathered_.begin(), gathered_.end(),
                        [](const std::string& text) { return !text.empty(); });
  };
  changed_.wait(lock, [&] { return ended_ || cancelled_ || find_text() != gathered_.end(); });
  if (cancelled_) throw ClientLeft();
  if (const auto found = find_text(); found != gathered_.end()) {
    was_given_ = true;
    return ReplyPiece{static_cast<size_t>(found - gathered_.begin()), std::exchange(*found, {})};
  }
  if (error_) std::rethrow_exception(error_);
  return std::nullopt;
}

const std::vector<infer::Reply>& PendingReply::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ended_ || cancelled_; });
  if (!ended_) throw ClientLeft();
  if (error_) std::rethrow_exception(error_);
  return replies_;
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
