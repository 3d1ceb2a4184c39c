#include "net/reply_stream.h"

#include <cstddef>
#include <utility>

namespace lmc::net {

namespace {

constexpr size_t kMaxQueuedBytes = size_t{256} << 10;

}  // namespace

// Under the mutex.
void ReplyStream::wake_once() {
  if (!std::exchange(is_awake_, true)) wake_();
}

bool ReplyStream::send(std::string_view piece) {
  std::unique_lock lock(mutex_);
  has_room_.wait(lock, [this] { return is_dropped_ || queued_.size() < kMaxQueuedBytes; });
  if (is_dropped_) return false;
  if (piece.empty()) return true;  // an empty chunk would end the reply
  if (framing_ == Framing::kChunked) {
    append_chunk(queued_, piece);
  } else {
    queued_ += piece;
  }
  wake_once();
  return true;
}

void ReplyStream::end(bool is_whole) {
  const std::lock_guard lock(mutex_);
  if (is_whole && framing_ == Framing::kChunked) queued_ += kLastChunk;
  is_ended_ = true;
  is_whole_ = is_whole;
  wake_once();
}

ReplyStream::Taken ReplyStream::take() {
  Taken taken;
  {
    const std::lock_guard lock(mutex_);
    taken.bytes = std::exchange(queued_, {});
    is_awake_ = !taken.bytes.empty();
    taken.is_ended = is_ended_ && taken.bytes.empty();
    taken.is_whole = is_whole_;
  }
  has_room_.notify_one();
  return taken;
}

void ReplyStream::drop() {
  {
    const std::lock_guard lock(mutex_);
    is_dropped_ = true;
  }
  has_room_.notify_one();
}

}  // namespace lmc::net
