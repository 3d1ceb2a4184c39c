#include "net/elastic_threads.h"

#include <utility>

namespace lmc::net {

void ElasticThreads::run(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(work));
  if (waiting_.size() > num_free_ && threads_.size() < max_threads_) {
    threads_.emplace_back([this] { serve_work(); });
  }
  changed_.notify_one();
}

void ElasticThreads::finish() {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ElasticThreads::serve_work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++num_free_;
    changed_.wait(lock, [this] { return !waiting_.empty() || finishing_; });
    --num_free_;
    if (waiting_.empty()) return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace lmc::net
