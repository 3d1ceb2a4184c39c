#include "infer/token_log_probs.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lmc::infer {

double log_sum_exp(std::span<const float> logits_V) {
  const double most = *std::max_element(logits_V.begin(), logits_V.end());
  double total = 0;
  for (const float logit : logits_V) total += std::exp(logit - most);
  return most + std::log(total);
}

TokenLogProb token_log_prob(std::span<const float> logits_V, int32_t token, int64_t num_top,
                            const text::Tokenizer& tokenizer) {
  const double total = log_sum_exp(logits_V);
  const auto choice_of = [&](int32_t id) {
    return TokenChoice{tokenizer.token_bytes(id), logits_V[static_cast<size_t>(id)] - total};
  };
  TokenLogProb one{choice_of(token), {}};
  std::vector<int32_t> order(logits_V.size());
  std::iota(order.begin(), order.end(), 0);
  const auto num_kept = std::min(order.size(), static_cast<size_t>(num_top));
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(num_kept),
                    order.end(), [&](int32_t a, int32_t b) {
                      const float of_a = logits_V[static_cast<size_t>(a)];
                      const float of_b = logits_V[static_cast<size_t>(b)];
                      return of_a != of_b ? of_a > of_b : a < b;
                    });
  for (size_t i = 0; i < num_kept; ++i) one.top.push_back(choice_of(order[i]));
  return one;
}

}  // namespace lmc::infer
