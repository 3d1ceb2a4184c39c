#include "teacher/endpoint.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "teacher/retry.h"  // retry_delay_s

namespace lmc::teacher {

namespace {

constexpr double kFirstWindow = 16;

// So many failures without a reply between are no accident of single requests.
int64_t failures_before_rest(int64_t window) { return std::max<int64_t>(3, window / 8); }

}  // namespace

Endpoint::Endpoint(std::string url, std::string key, int64_t most, double first_rest_s)
    : url_(std::move(url)),
      key_(std::move(key)),
      most_(static_cast<double>(most)),
      first_rest_s_(first_rest_s),
      window_(std::min(kFirstWindow, static_cast<double>(most))) {}

int64_t Endpoint::window() const { return static_cast<int64_t>(window_); }

int64_t Endpoint::room(Clock::time_point now) const {
  if (!problem_.empty() || now < rests_until_) return 0;
  return std::max<int64_t>(0, window() - in_flight_);
}

void Endpoint::on_sent() { most_in_flight_ = std::max(most_in_flight_, ++in_flight_); }

void Endpoint::on_reply() {
  has_answered_ = true;
  failures_in_a_row_ = 0;
  end_of_request(false);
}

void Endpoint::on_failure(Clock::time_point now, double retry_after_s, Random& random) {
  ++failures_in_a_row_;
  const int64_t too_many = failures_in_a_row_ - failures_before_rest(window());
  if (too_many >= 0) {
    // Three doublings at most: who waits for a server to come back wants to know soon that it has.
    const double rest_s =
        retry_delay_s(std::min<int64_t>(too_many, 3), first_rest_s_, retry_after_s, random);
    rests_until_ = std::max(rests_until_,
                            now + std::chrono::milliseconds(static_cast<int64_t>(rest_s * 1000)));
  }
  end_of_request(true);
}

void Endpoint::on_other_end() { --in_flight_; }

void Endpoint::end_of_request(bool failed) {
  --in_flight_;
  ++replies_;
  if (failed) ++failures_;
  if (replies_ < window()) return;
  if (failures_ > 0) {
    is_starting_ = false;
    const double share = static_cast<double>(failures_) / static_cast<double>(replies_);
    window_ = std::max(1.0, window_ * (1 - share / 2));
  } else if (most_in_flight_ >= window()) {  // else a larger window was not missed
    window_ = std::min(most_, is_starting_ ? 2 * window_ : window_ + std::max(1.0, most_ / 64));
  }
  replies_ = 0;
  failures_ = 0;
  most_in_flight_ = in_flight_;
}

}  // namespace lmc::teacher
