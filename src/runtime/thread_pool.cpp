#include "runtime/thread_pool.h"

#include <algorithm>

namespace lmc::runtime {

namespace {

// Some ten microseconds: longer than the calling thread takes between two pieces of work.
constexpr int kSpins = 4000;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

ThreadPool::ThreadPool(int64_t threads) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  for (int64_t thread = 1; thread < threads; ++thread) {
    workers_.emplace_back([this, thread] { serve(thread); });
  }
}

ThreadPool::~ThreadPool() {
  ends_.store(true, std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::take_tasks(int64_t thread) {
  for (;;) {
    // A thread that comes late may take a task of the next work; it then sees that work.
    const int64_t left = num_left_.fetch_sub(1, std::memory_order_acq_rel);
    if (left <= 0) return;
    call_(work_, count_ - left, thread);
    num_done_.fetch_add(1, std::memory_order_release);
  }
}

void ThreadPool::start(int64_t count, const void* work, Call call) {
  if (count <= 0) return;
  work_ = work;
  call_ = call;
  count_ = count;
  num_done_.store(0, std::memory_order_relaxed);
  num_left_.store(count, std::memory_order_release);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  take_tasks(0);
  for (int spins = 0; num_done_.load(std::memory_order_acquire) != count;) {
    if (++spins < kSpins) {
      relax();
    } else {
      std::this_thread::yield();
    }
  }
}

void ThreadPool::serve(int64_t thread) {
  for (uint32_t seen = 0;;) {
    uint32_t now = round_.load(std::memory_order_acquire);
    for (int spins = 0; now == seen && spins < kSpins; ++spins) {
      relax();
      now = round_.load(std::memory_order_acquire);
    }
    if (now == seen) {
      round_.wait(seen, std::memory_order_acquire);
      continue;
    }
    if (ends_.load(std::memory_order_relaxed)) return;
    seen = now;
    take_tasks(thread);
  }
}

}  // namespace lmc::runtime
