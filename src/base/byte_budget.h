// Bounds the memory that many threads take at the same time for one purpose.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>

namespace lmc {

class ByteBudget {
 public:
  // Gives its bytes back when the last copy goes, which may outlive the budget. Null: none.
  using Share = std::shared_ptr<const void>;

  explicit ByteBudget(size_t limit_bytes);

  // Null when they are not left.
  Share try_take(size_t bytes);

  // Waits for them; of those that wait, whoever asks for least comes first. More than the limit is
  // had while nobody else has any. Null: a stop was asked for.
  Share take(size_t bytes, const std::stop_token& stop);

  size_t used_bytes() const;
  size_t num_waiting() const;

 private:
  struct State;
  static Share share_of(const std::shared_ptr<State>& state, size_t bytes);

  std::shared_ptr<State> state_;
};

}  // namespace lmc
