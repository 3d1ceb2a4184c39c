#include "base/byte_budget.h"

#include <condition_variable>
#include <mutex>
#include <set>

namespace lmc {

struct ByteBudget::State {
  explicit State(size_t limit_bytes) : limit(limit_bytes) {}

  const size_t limit;
  size_t used = 0;
  std::multiset<size_t> waiting;  // what take() is asked for; the smallest comes first
  std::mutex mutex;
  std::condition_variable_any changed;

  bool has_room_for(size_t bytes) const {
    return used == 0 || (used <= limit && bytes <= limit - used);
  }
};

ByteBudget::ByteBudget(size_t limit_bytes) : state_(new State(limit_bytes)) {}

// Under the mutex.
ByteBudget::Share ByteBudget::share_of(const std::shared_ptr<State>& state, size_t bytes) {
  state->used += bytes;
  return {state.get(), [state, bytes](const void*) {
            {
              const std::lock_guard lock(state->mutex);
              state->used -= bytes;
            }
            state->changed.notify_all();
          }};
}

ByteBudget::Share ByteBudget::try_take(size_t bytes) {
  const std::lock_guard lock(state_->mutex);
  if (bytes > state_->limit || !state_->has_room_for(bytes)) return nullptr;
  return share_of(state_, bytes);
}

ByteBudget::Share ByteBudget::take(size_t bytes, const std::stop_token& stop) {
  std::unique_lock lock(state_->mutex);
  const auto place = state_->waiting.insert(bytes);
  const bool has_room = state_->changed.wait(
      lock, stop, [&] { return bytes == *state_->waiting.begin() && state_->has_room_for(bytes); });
  state_->waiting.erase(place);
  Share share = has_room ? share_of(state_, bytes) : nullptr;
  lock.unlock();
  state_->changed.notify_all();  // the next one may have room as well
  return share;
}

size_t ByteBudget::used_bytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->used;
}

size_t ByteBudget::num_waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->waiting.size();
}

}  // namespace lmc
