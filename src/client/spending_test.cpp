#include "client/spending.h"

#include <gtest/gtest.h>

namespace lmc::client {
namespace {

TEST(Spending, CountsTokensAtTheirPrices) {
  Spending spending({2, 10}, 0, 0, 1.5);
  spending.on_usage(1'000'000, 100'000);
  spending.on_usage(500'000, 0);
  EXPECT_DOUBLE_EQ(spending.cost(), 1.5 + 3.0 + 1.0);
  EXPECT_EQ(spending.limit_reached(1000), "");
}

TEST(Spending, StopsBeforeTheCostIsPassed) {
  Spending spending({1'000'000, 0}, 10, 0, 0);  // 1 a token
  EXPECT_EQ(spending.limit_reached(0), "");
  spending.on_usage(2, 0);                   // 2 a request
  EXPECT_EQ(spending.limit_reached(3), "");  // 2 + 3 * 2 + 2 = 10
  EXPECT_NE(spending.limit_reached(4), "");
}

TEST(Spending, CountsWhatTheLedgerCost) {
  const Spending spending({1, 1}, 10, 0, 10.5);
  EXPECT_EQ(spending.limit_reached(0), "--max-cost 10 is reached");
}

TEST(Spending, CountsRequests) {
  Spending spending({}, 0, 2, 0);
  spending.on_request();
  EXPECT_EQ(spending.limit_reached(1), "");
  spending.on_request();
  EXPECT_EQ(spending.limit_reached(0), "--max-requests 2 is reached");
}

}  // namespace
}  // namespace lmc::client
