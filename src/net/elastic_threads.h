// Threads made when work waits and none is free, up to a limit; beyond it, work waits its turn.
//
// A handler may wait as long as an engine takes for a reply, so a fixed small pool would let a few
// requests lock out all others.
// Threads: any.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lmc::net {

class ElasticThreads {
 public:
  explicit ElasticThreads(size_t max_threads) : max_threads_(max_threads) {}
  ~ElasticThreads() { finish(); }
  ElasticThreads(const ElasticThreads&) = delete;
  ElasticThreads& operator=(const ElasticThreads&) = delete;

  void run(std::function<void()> work);
  void finish();  // runs what waits, then ends the threads

 private:
  void serve_work();

  const size_t max_threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::vector<std::thread> threads_;
  size_t num_free_ = 0;
  bool finishing_ = false;
};

}  // namespace lmc::net
