#include "client/spending.h"

#include "base/check.h"  // cat

namespace lmc::client {

double Prices::of(int64_t prompt_tokens, int64_t reply_tokens) const {
  return (static_cast<double>(prompt_tokens) * prompt_per_million +
          static_cast<double>(reply_tokens) * reply_per_million) /
         1e6;
}

Spending::Spending(Prices prices, double max_cost, int64_t max_requests, double before)
    : prices_(prices), max_cost_(max_cost), max_requests_(max_requests), before_(before) {}

void Spending::on_usage(int64_t prompt_tokens, int64_t reply_tokens) {
  ++paid_;
  prompt_tokens_ += prompt_tokens;
  reply_tokens_ += reply_tokens;
}

std::string Spending::limit_reached(int64_t in_flight) const {
  if (max_requests_ > 0 && requests_ >= max_requests_) {
    return cat("--max-requests ", max_requests_, " is reached");
  }
  if (max_cost_ <= 0) return {};
  const double one =
      paid_ == 0 ? 0 : prices_.of(prompt_tokens_, reply_tokens_) / static_cast<double>(paid_);
  // The next one is reckoned too: the limit is not passed, it is stayed below.
  if (cost() + one * static_cast<double>(in_flight + 1) <= max_cost_) return {};
  return cat("--max-cost ", max_cost_, " is reached");
}

}  // namespace lmc::client
