// Threads that compute whole micro-batches side by side.
//
// Two threads on one small matrix product wait for each other at every operation; on a micro-batch
// each they do not, and what no operation splits runs on both. So a CPU is shared out by
// micro-batches first, and within a micro-batch only what is left.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lmc::train {

class MicroBatchWorkers {
 public:
  // libtorch's operations use `threads_each` threads on each worker, elsewhere as many as before.
  MicroBatchWorkers(size_t count, int threads_each);
  ~MicroBatchWorkers();
  MicroBatchWorkers(const MicroBatchWorkers&) = delete;
  MicroBatchWorkers& operator=(const MicroBatchWorkers&) = delete;

  size_t count() const { return threads_.size(); }

  // Calls work(0) ... work(jobs - 1), begun in this order, each by the first worker that is free.
  // Returns when all have ended; the first exception is rethrown, after which no job begins.
  void run(size_t jobs, const std::function<void(size_t)>& work);

 private:
  void work_until_closed();

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void(size_t)>* work_ = nullptr;
  size_t jobs_ = 0, next_ = 0, running_ = 0;
  bool closed_ = false;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace lmc::train
