// The threads that share the work of one forward pass.
//
// A pass is some hundred short pieces of work with a wait behind each, so threads spin for a moment
// before they sleep. The caller waits for tasks that others have begun, never for a thread that has
// not come: on a machine with other work it does them alone.
// Threads: run() from one at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace lmc::runtime {

class ThreadPool {
 public:
  // `threads` with the one that calls run(); 0: as many as the machine has.
  explicit ThreadPool(int64_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int64_t num_threads() const { return static_cast<int64_t>(workers_.size()) + 1; }

  // Calls work(task, thread) for every task in [0, count), each once, begun in ascending order;
  // `thread` is below num_threads(). Returns when all have ended. The work must not throw.
  template <class Work>
  void run(int64_t count, const Work& work) {
    if (count == 1 || workers_.empty()) {
      for (int64_t task = 0; task < count; ++task) work(task, int64_t{0});
      return;
    }
    start(count, &work, [](const void* context, int64_t task, int64_t thread) {
      (*static_cast<const Work*>(context))(task, thread);
    });
  }

 private:
  using Call = void (*)(const void* work, int64_t task, int64_t thread);
  void start(int64_t count, const void* work, Call call);
  void take_tasks(int64_t thread);
  void serve(int64_t thread);

  // Of the work at hand; read by those who have taken a task, without which it cannot end.
  const void* work_ = nullptr;
  Call call_ = nullptr;
  int64_t count_ = 0;
  alignas(64) std::atomic<int64_t> num_left_{0};  // tasks that nobody has taken; below 0: none
  alignas(64) std::atomic<int64_t> num_done_{0};
  alignas(64) std::atomic<uint32_t> round_{0};  // a new value: there is work
  std::atomic<bool> ends_{false};
  std::vector<std::thread> workers_;
};

}  // namespace lmc::runtime
