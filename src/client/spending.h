// Tokens and money: what was spent, and whether the next request is still within the limits.
#pragma once

#include <cstdint>
#include <string>

namespace lmc::client {

struct Prices {
  double prompt_per_million = 0;  // in the user's currency
  double reply_per_million = 0;

  bool known() const { return prompt_per_million > 0 || reply_per_million > 0; }
  double of(int64_t prompt_tokens, int64_t reply_tokens) const;
};

class Spending {
 public:
  // Limits of 0: none. `before`: what the ledger's lines cost, which counts towards `max_cost`.
  Spending(Prices prices, double max_cost, int64_t max_requests, double before);

  void on_request() { ++requests_; }
  void on_usage(int64_t prompt_tokens, int64_t reply_tokens);

  int64_t requests() const { return requests_; }
  int64_t prompt_tokens() const { return prompt_tokens_; }
  int64_t reply_tokens() const { return reply_tokens_; }
  double cost() const { return before_ + prices_.of(prompt_tokens_, reply_tokens_); }

  // Why no further request may be sent while `in_flight` are unpaid; empty: it may. Those in flight
  // are reckoned at the mean cost so far.
  std::string limit_reached(int64_t in_flight) const;

 private:
  Prices prices_;
  double max_cost_;
  int64_t max_requests_;
  double before_;
  int64_t requests_ = 0;
  int64_t paid_ = 0;  // replies that said their tokens
  int64_t prompt_tokens_ = 0;
  int64_t reply_tokens_ = 0;
};

}  // namespace lmc::client
