#include "base/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace lmc {
namespace {

TEST(WorkerPool, DoesEveryJob) {
  std::atomic<int> sum{0};
  std::promise<void> last;
  WorkerPool pool(3);
  for (int i = 1; i <= 1000; ++i) {
    pool.submit([&, i] {
      if ((sum += i) == 500'500) last.set_value();
    });
  }
  ASSERT_EQ(last.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(sum, 500'500);
}

TEST(WorkerPool, EndsWithWorkStillWaiting) {
  std::atomic<int> begun{0};
  {
    std::promise<void> started;
    WorkerPool pool(1);
    pool.submit([&] {
      ++begun;
      started.set_value();
    });
    started.get_future().wait();
    for (int i = 0; i < 100; ++i) {
      pool.submit([&] {
        ++begun;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      });
    }
  }
  const int at_end = begun;
  EXPECT_GE(at_end, 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(begun, at_end);  // nothing runs on after the pool is gone
}

}  // namespace
}  // namespace lmc
