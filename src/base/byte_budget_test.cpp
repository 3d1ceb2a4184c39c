#include "base/byte_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace lmc {
namespace {

using namespace std::chrono_literals;

TEST(ByteBudget, SharesComeBackWithTheirLastCopy) {
  std::optional<ByteBudget> budget(std::in_place, 100);
  ByteBudget::Share most = budget->try_take(70);
  ASSERT_NE(most, nullptr);
  EXPECT_EQ(budget->try_take(31), nullptr);
  const ByteBudget::Share rest = budget->try_take(30);
  EXPECT_NE(rest, nullptr);
  const ByteBudget::Share copy = most;
  most.reset();
  EXPECT_EQ(budget->used_bytes(), 100U);
  EXPECT_EQ(budget->try_take(1), nullptr);
  budget.reset();  // before its shares
}

TEST(ByteBudget, MoreThanAllIsHadAlone) {
  ByteBudget budget(100);
  EXPECT_EQ(budget.try_take(101), nullptr);
  ByteBudget::Share all = budget.take(500, {});
  ASSERT_NE(all, nullptr);
  std::atomic<bool> has_more{false};
  std::jthread other([&](const std::stop_token& stop) {
    const ByteBudget::Share share = budget.take(1, stop);
    has_more = share != nullptr;
  });
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(has_more);
  all.reset();
  other.join();
  EXPECT_TRUE(has_more);
  EXPECT_EQ(budget.used_bytes(), 0U);
}

TEST(ByteBudget, WhoAsksForLeastComesFirst) {
  ByteBudget budget(100);
  ByteBudget::Share all = budget.take(100, {});
  std::mutex mutex;
  std::vector<size_t> order;
  std::vector<std::jthread> others;
  for (const size_t bytes : {size_t{300}, size_t{90}, size_t{200}, size_t{2}, size_t{80}}) {
    others.emplace_back([&, bytes](const std::stop_token& stop) {
      const ByteBudget::Share share = budget.take(bytes, stop);
      const std::lock_guard lock(mutex);
      order.push_back(bytes);
    });
  }
  while (budget.num_waiting() < others.size()) std::this_thread::sleep_for(1ms);
  all.reset();
  for (std::jthread& other : others) other.join();
  EXPECT_EQ(order.back(), 300U);  // those before may have had theirs at the same time
  EXPECT_EQ(order[3], 200U);
  EXPECT_EQ(budget.used_bytes(), 0U);
}

TEST(ByteBudget, AStopEndsTheWait) {
  ByteBudget budget(100);
  const ByteBudget::Share all = budget.take(100, {});
  std::jthread other(
      [&](const std::stop_token& stop) { EXPECT_EQ(budget.take(1, stop), nullptr); });
  std::this_thread::sleep_for(10ms);
  other.request_stop();
  other.join();
}

}  // namespace
}  // namespace lmc
