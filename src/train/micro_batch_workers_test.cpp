#include "train/micro_batch_workers.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>

namespace lmc::train {
namespace {

TEST(MicroBatchWorkers, DoEachJobOnceEveryTime) {
  MicroBatchWorkers workers(3, 1);
  EXPECT_EQ(workers.count(), 3U);
  for (const size_t jobs : {0, 1, 2, 7, 100}) {
    std::vector<std::atomic<int>> done(jobs);
    workers.run(jobs, [&](size_t job) { ++done[job]; });
    for (const auto& times : done) EXPECT_EQ(times, 1);
  }
}

TEST(MicroBatchWorkers, WorkSideBySideWithTheirOwnNumberOfThreads) {
  const int before = at::get_num_threads();
  MicroBatchWorkers workers(2, before + 3);
  EXPECT_EQ(at::get_num_threads(), before);
  std::thread([&] { EXPECT_EQ(at::get_num_threads(), before); }).join();
  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::thread::id> threads;
  // Each job waits for the other to begin.
  workers.run(2, [&](size_t) {
    EXPECT_EQ(at::get_num_threads(), before + 3);
    std::unique_lock lock(mutex);
    threads.insert(std::this_thread::get_id());
    changed.notify_all();
    changed.wait(lock, [&] { return threads.size() == 2; });
  });
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST(MicroBatchWorkers, RethrowTheFirstErrorAndGoOnAfterwards) {
  for (const size_t count : {1, 2}) {
    MicroBatchWorkers workers(count, 1);
    std::atomic<size_t> begun = 0;
    const auto fail = [&](size_t job) {
      ++begun;
      if (job == 3) throw std::runtime_error("job 3");
    };
    EXPECT_THROW(workers.run(1000, fail), std::runtime_error);
    if (count == 1) EXPECT_EQ(begun, 4U) << "none begins after the one that failed";
    std::atomic<size_t> done = 0;
    workers.run(5, [&](size_t) { ++done; });
    EXPECT_EQ(done, 5U);
  }
}

}  // namespace
}  // namespace lmc::train
