// The endpoints that share the work of one run.
// Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "client/endpoint.h"  // Endpoint

namespace lmc::client {

class EndpointPool {
 public:
  using Clock = Endpoint::Clock;

  // At least one.
  explicit EndpointPool(std::vector<Endpoint> endpoints) : endpoints_(std::move(endpoints)) {}

  // The one with the largest share of its room left; null when none has any.
  Endpoint* freest(Clock::time_point now);

  // How many requests may be sent now, and how many be in flight at most at present.
  int64_t room(Clock::time_point now) const;
  int64_t window() const;

  // When the first of those that rest may be asked again; `latest` when none does so sooner.
  Clock::time_point next_rest_end(Clock::time_point now, Clock::time_point latest) const;

  bool all_closed() const;
  std::string first_shown() const { return endpoints_.front().url().shown(); }

 private:
  std::vector<Endpoint> endpoints_;
};

}  // namespace lmc::client
