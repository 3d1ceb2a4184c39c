#include "train/micro_batch_workers.h"

#include <ATen/Parallel.h>

#include <latch>
#include <utility>

namespace lmc::train {

MicroBatchWorkers::MicroBatchWorkers(size_t count, int threads_each) {
  const int before = at::get_num_threads();
  std::latch ready(static_cast<std::ptrdiff_t>(count));
  for (size_t i = 0; i < count; ++i) {
    threads_.emplace_back([&, threads_each] {
      at::get_num_threads();  // the first question sets a thread's number, to the default
      at::set_num_threads(threads_each);
      ready.count_down();
      work_until_closed();
    });
  }
  // A thread's number is its own, but the last one set is also what threads to come begin with.
  ready.wait();
  at::set_num_threads(before);
}

MicroBatchWorkers::~MicroBatchWorkers() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void MicroBatchWorkers::run(size_t jobs, const std::function<void(size_t)>& work) {
  std::unique_lock lock(mutex_);
  work_ = &work;
  jobs_ = jobs;
  next_ = 0;
  changed_.notify_all();
  changed_.wait(lock, [&] { return next_ >= jobs_ && running_ == 0; });
  work_ = nullptr;
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void MicroBatchWorkers::work_until_closed() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return closed_ || (work_ != nullptr && next_ < jobs_); });
    if (closed_) return;
    const size_t job = next_++;
    const auto& work = *work_;
    ++running_;
    lock.unlock();
    std::exception_ptr error;
    try {
      work(job);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    --running_;
    if (error) {
      if (!error_) error_ = error;
      next_ = jobs_;
    }
    changed_.notify_all();
  }
}

}  // namespace lmc::train
