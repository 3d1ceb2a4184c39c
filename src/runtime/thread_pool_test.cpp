#include "runtime/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace lmc::runtime {
namespace {

TEST(ThreadPool, RunsEveryTaskOnce) {
  for (const int64_t threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.num_threads(), threads);
    // Many short pieces of work, one directly behind the other: late threads meet the next one.
    for (int64_t round = 0; round < 2000; ++round) {
      const int64_t count = round % 17;
      std::vector<std::atomic<int>> times(static_cast<size_t>(count));
      std::atomic<bool> is_known_thread = true;
      pool.run(count, [&](int64_t task, int64_t thread) {
        ++times[static_cast<size_t>(task)];
        if (thread < 0 || thread >= threads) is_known_thread = false;
      });
      for (const auto& time : times) ASSERT_EQ(time, 1) << threads << " threads, round " << round;
      EXPECT_TRUE(is_known_thread);
    }
  }
}

TEST(ThreadPool, WhatWasWrittenIsSeen) {
  ThreadPool pool(3);
  std::vector<int64_t> values(1000);
  for (int64_t round = 1; round <= 200; ++round) {
    pool.run(1000, [&](int64_t task, int64_t) { values[static_cast<size_t>(task)] += task; });
    for (int64_t i = 0; i < 1000; ++i) ASSERT_EQ(values[static_cast<size_t>(i)], i * round);
  }
}

}  // namespace
}  // namespace lmc::runtime
