#include "stats/mcnemar.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"  // LMC_CHECK

namespace lmc::stats {

namespace {

// Of `n` throws of a fair coin.
struct Tail {
  double at;       // probability of exactly k heads
  double at_most;  // of k or fewer, 2 * k <= n
};

Tail lower_tail(int64_t heads, int64_t throws) {
  const auto n = static_cast<double>(throws);
  const auto k = static_cast<double>(heads);
  // Sums C(n, i) / 2^n from i = k down to 0, relative to the first term, which is the largest.
  double term = 1;
  double sum = 0;
  for (int64_t i = heads; i >= 0 && term > 1e-18 * sum; --i) {
    sum += term;
    term *= static_cast<double>(i) / (n - static_cast<double>(i) + 1);
  }
  const double log_first =
      std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) - n * std::numbers::ln2;
  return {std::exp(log_first), std::exp(log_first + std::log(sum))};
}

double p_value(int64_t only_first, int64_t only_second, McNemar test) {
  LMC_CHECK(only_first >= 0 && only_second >= 0, only_first, " and ", only_second);
  const Tail tail = lower_tail(std::min(only_first, only_second), only_first + only_second);
  const double exact = std::min(1.0, 2 * tail.at_most);
  if (test == McNemar::kExact) return exact;
  // Of an even split both tails hold the observed one, and half of it is taken off once.
  return only_first == only_second ? 1 - tail.at / 2 : exact - tail.at;
}

}  // namespace

double mcnemar_exact(int64_t only_first, int64_t only_second) {
  return p_value(only_first, only_second, McNemar::kExact);
}

double mcnemar_mid_p(int64_t only_first, int64_t only_second) {
  return p_value(only_first, only_second, McNemar::kMidP);
}

std::optional<double> smallest_significant_gap(int64_t total, double discordance, double alpha,
                                               McNemar test) {
  LMC_CHECK(total >= 0 && discordance >= 0 && discordance <= 1, discordance, " of ", total);
  const int64_t discordant = std::llround(discordance * static_cast<double>(total));
  // p grows with the smaller count: the largest significant one lies in [low, high).
  int64_t low = -1;
  int64_t high = discordant / 2 + 1;
  while (high - low > 1) {
    const int64_t fewer = low + (high - low) / 2;
    (p_value(fewer, discordant - fewer, test) <= alpha ? low : high) = fewer;
  }
  if (low < 0) return std::nullopt;
  return static_cast<double>(discordant - 2 * low) / static_cast<double>(total);
}

}  // namespace lmc::stats
