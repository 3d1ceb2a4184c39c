#include "base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace lmc {
namespace {

TEST(Random, MatchesThePublishedGenerator) {
  // xoshiro256** from state {1, 2, 3, 4}: the first outputs, computed by hand from its definition.
  Random random(0);
  random.set_state({1, 2, 3, 4});
  EXPECT_EQ(random.next_bits(), 11520U);
  EXPECT_EQ(random.next_bits(), 0U);
  EXPECT_EQ(random.next_bits(), 1509978240U);
}

TEST(Random, StateContinuesTheStream) {
  Random first(7);
  first.next_bits();
  Random second(0);
  second.set_state(first.state());
  EXPECT_EQ(first.next_bits(), second.next_bits());
}

TEST(Random, NamedStreamsDiffer) {
  std::set<uint64_t> seen;
  for (uint64_t index = 0; index < 1000; ++index) {
    seen.insert(Random::named(1, "question", index).next_bits());
    seen.insert(Random::named(1, "epoch", index).next_bits());
    seen.insert(Random::named(2, "epoch", index).next_bits());
  }
  EXPECT_EQ(seen.size(), 3000U);
}

TEST(Random, IntegersAreUniformAndInRange) {
  Random random(3);
  std::array<int, 7> counts{};
  constexpr int kDraws = 70000;
  for (int i = 0; i < kDraws; ++i) ++counts[static_cast<size_t>(random.integer(-3, 3) + 3)];
  for (const int count : counts) {
    // 5 standard deviations of a binomial(70000, 1/7): 463.
    EXPECT_NEAR(count, kDraws / 7, 463);
  }
}

TEST(Random, NormalHasItsMoments) {
  Random random(4);
  constexpr int kDraws = 100000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 5 * std::sqrt(2.0 / kDraws));
}

}  // namespace
}  // namespace lmc
