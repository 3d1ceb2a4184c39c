#include "runtime/thread_pool.h"

#include <algorithm>

namespace lmc::runtime {

namespace {

constexpr uint32_t kEnd = 0xffffffff;
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
  round_.store(kEnd, std::memory_order_release);
  round_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::take_tasks(int64_t thread) {
  for (;;) {
    const int64_t task = next_task_.fetch_add(1, std::memory_order_relaxed);
    if (task >= count_) return;
    call_(work_, task, thread);
  }
}

void ThreadPool::start(int64_t count, const void* work, Call call) {
  if (count <= 0) return;
  work_ = work;
  call_ = call;
  count_ = count;
  next_task_.store(0, std::memory_order_relaxed);
  num_busy_.store(static_cast<int64_t>(workers_.size()), std::memory_order_relaxed);
  // kEnd is never reached by counting: it would take years.
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  take_tasks(0);
  int spins = 0;
  while (num_busy_.load(std::memory_order_acquire) != 0) {
    // Where there are fewer cores than threads, the last one needs this one's.
    if (++spins < kSpins) {
      relax();
    } else {
      std::this_thread::yield();
    }
  }
}

void ThreadPool::serve(int64_t thread) {
  uint32_t seen = 0;
  for (;;) {
    uint32_t now = round_.load(std::memory_order_acquire);
    for (int spins = 0; now == seen && spins < kSpins; ++spins) {
      relax();
      now = round_.load(std::memory_order_acquire);
    }
    if (now == seen) {
      round_.wait(seen, std::memory_order_acquire);
      continue;
    }
    if (now == kEnd) return;
    seen = now;
    take_tasks(thread);
    num_busy_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace lmc::runtime
