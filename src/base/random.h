// Seeded random numbers that are the same on every machine and compiler.
//
// The standard library's distributions differ between implementations, so ours are spelled out
// here. A stream is named by a seed and a list of numbers or words ("question 17, epoch 2"), so
// that work can be skipped, sharded or reordered without changing what the rest draws.
// Source: generator xoshiro256**, seeding splitmix64 (Blackman and Vigna, 2018).
// Threads: one stream per thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace lmc {

class Random {
 public:
  explicit Random(uint64_t seed);

  // The stream of this name under `seed`; the order of names matters.
  static Random named(uint64_t seed, std::string_view name, uint64_t index = 0);

  uint64_t next_bits();
  double uniform();                            // [0, 1), 53 bits
  double uniform(double low, double high);     // [low, high)
  int64_t integer(int64_t low, int64_t high);  // both ends included, unbiased
  double normal();                             // mean 0, variance 1
  bool chance(double probability);

  template <class T>
  void shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[static_cast<size_t>(integer(0, static_cast<int64_t>(i) - 1))]);
    }
  }
  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[static_cast<size_t>(integer(0, static_cast<int64_t>(items.size()) - 1))];
  }

  // For checkpoints: the whole state, so that a resumed run draws what the first one would have.
  std::array<uint64_t, 4> state() const { return state_; }
  void set_state(const std::array<uint64_t, 4>& state) { state_ = state; }

 private:
  std::array<uint64_t, 4> state_{};
};

}  // namespace lmc
