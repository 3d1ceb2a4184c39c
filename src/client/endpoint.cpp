#include "client/endpoint.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "client/retry.h"  // retry_delay_s

namespace lmc::client {

namespace {

constexpr double kFirstWindow = 32;
// Three doublings of a rest at most: who waits for a server to come back wants to know soon.
constexpr int64_t kMaxRestDoublings = 3;

// So many failures without a reply between are no accident of single requests.
int64_t failures_before_rest(int64_t window) { return std::max<int64_t>(3, window / 8); }

constexpr size_t kMinSecretLength = 4;

std::vector<std::string> secrets_of(const EndpointUrl& url, const ApiKey& key) {
  std::vector<std::string> secrets = url.secrets();
  // "1" is no secret, and would be blotted out of every number.
  std::erase_if(secrets, [](const std::string& one) { return one.size() < kMinSecretLength; });
  if (!key.text.empty()) secrets.push_back(key.text);
  // The longest first: a shorter one may be a part of it.
  std::sort(secrets.begin(), secrets.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return secrets;
}

}  // namespace

net::Headers ApiKey::headers() const {
  net::Headers headers;
  if (text.empty()) return headers;
  headers.add(header, header == "Authorization" ? "Bearer " + text : text);
  return headers;
}

Endpoint::Endpoint(EndpointUrl url, ApiKey key, int64_t most, double first_rest_s)
    : url_(std::move(url)),
      key_(std::move(key)),
      secrets_(secrets_of(url_, key_)),
      most_(static_cast<double>(most)),
      first_rest_s_(first_rest_s),
      window_(std::min(kFirstWindow, static_cast<double>(most))),
      round_window_(window()) {}

void Endpoint::move_to(EndpointUrl url) {
  url_ = std::move(url);
  for (std::string& secret : secrets_of(url_, {})) secrets_.push_back(std::move(secret));
}

int64_t Endpoint::window() const { return static_cast<int64_t>(window_); }

int64_t Endpoint::room(Clock::time_point now) const {
  if (!problem_.empty() || now < rests_until_) return 0;
  return std::max<int64_t>(0, window() - in_flight_);
}

void Endpoint::on_sent() { most_in_flight_ = std::max(most_in_flight_, ++in_flight_); }

void Endpoint::on_reply() {
  has_answered_ = true;
  failures_in_a_row_ = 0;
  rests_in_a_row_ = 0;
  if (is_starting_ && is_filled()) window_ = std::min(most_, window_ + 1);
  end_of_request(false);
}

void Endpoint::on_failure(Clock::time_point now, double retry_after_s, Random& random) {
  is_starting_ = false;
  ++failures_in_a_row_;
  // What was in flight together fails together: that is one rest, not many.
  if (failures_in_a_row_ >= failures_before_rest(window()) && now >= rests_until_) {
    const double rest_s =
        retry_delay_s(std::min(rests_in_a_row_++, kMaxRestDoublings), first_rest_s_, -1, random);
    rest_until(now, rest_s);
  }
  if (now < rests_until_ && retry_after_s > 0) {
    rest_until(now, std::min(retry_after_s, kMaxRetryAfterS));
  }
  end_of_request(true);
}

void Endpoint::rest_until(Clock::time_point now, double seconds) {
  const auto milliseconds = std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
  rests_until_ = std::max(rests_until_, now + milliseconds);
}

void Endpoint::on_other_end() { --in_flight_; }

void Endpoint::end_of_request(bool failed) {
  --in_flight_;
  ++replies_;
  if (failed) ++failures_;
  if (replies_ < round_window_) return;
  const double share = static_cast<double>(failures_) / static_cast<double>(replies_);
  window_ *= 1 - share / 2;
  // Where it was not filled, a larger one was not missed.
  if (is_filled() && !is_starting_) window_ += std::max(1.0, most_ / 64);
  window_ = std::clamp(window_, 1.0, most_);
  round_window_ = window();
  replies_ = 0;
  failures_ = 0;
  most_in_flight_ = in_flight_;
}

}  // namespace lmc::client
