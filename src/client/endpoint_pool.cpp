#include "client/endpoint_pool.h"

#include <algorithm>

namespace lmc::client {

Endpoint* EndpointPool::freest(Clock::time_point now) {
  Endpoint* freest = nullptr;
  double most = 0;
  for (Endpoint& endpoint : endpoints_) {
    const double share = static_cast<double>(endpoint.room(now)) /
                         static_cast<double>(std::max<int64_t>(1, endpoint.window()));
    if (share > most) {
      most = share;
      freest = &endpoint;
    }
  }
  return freest;
}

int64_t EndpointPool::room(Clock::time_point now) const {
  int64_t sum = 0;
  for (const Endpoint& endpoint : endpoints_) sum += endpoint.room(now);
  return sum;
}

int64_t EndpointPool::window() const {
  int64_t sum = 0;
  for (const Endpoint& endpoint : endpoints_) {
    if (endpoint.problem().empty()) sum += endpoint.window();
  }
  return sum;
}

EndpointPool::Clock::time_point EndpointPool::next_rest_end(Clock::time_point now,
                                                            Clock::time_point latest) const {
  for (const Endpoint& endpoint : endpoints_) {
    if (endpoint.rests_until() > now) latest = std::min(latest, endpoint.rests_until());
  }
  return latest;
}

bool EndpointPool::all_closed() const {
  return std::all_of(endpoints_.begin(), endpoints_.end(),
                     [](const Endpoint& one) { return !one.problem().empty(); });
}

}  // namespace lmc::client
