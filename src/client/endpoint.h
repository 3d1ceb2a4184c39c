// One teacher's address, and how much it is trusted with at once.
//
// The number of requests in flight adapts. Replies are looked at in rounds of as many as are in
// flight: a round takes off half the share that failed (all failed, half as many; one in fifty, one
// in a hundred) and adds a step, where the number was reached; until the first failure each reply
// adds one. So a server that refuses what is over its capacity is kept just full, one that fails at
// random is not given up, and one that is overrun is left alone at once.
// Sources: additive increase, multiplicative decrease: Chiu and Jain 1989; in proportion to the
// marked share: DCTCP, RFC 8257, section 3.3.
// Failures in a row without a reply between let it rest, longer each time, and as long as it asks
// for by Retry-After.
// Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"          // Random
#include "client/endpoint_url.h"  // EndpointUrl
#include "net/http.h"             // Headers

namespace lmc::client {

// What a server wants to be shown.
struct ApiKey {
  std::string text;                      // empty: nothing
  std::string header = "Authorization";  // which takes "Bearer <key>"; any other the key alone

  net::Headers headers() const;
};

class Endpoint {
 public:
  using Clock = std::chrono::steady_clock;

  // `most` is the largest number in flight; `first_rest_s` the shortest rest.
  Endpoint(EndpointUrl url, ApiKey key, int64_t most, double first_rest_s);

  const EndpointUrl& url() const { return url_; }
  const ApiKey& key() const { return key_; }
  // Of key and URL: what no log and no error may hold.
  const std::vector<std::string>& secrets() const { return secrets_; }

  // It said that chats are taken elsewhere.
  void move_to(EndpointUrl url);

  int64_t room(Clock::time_point now) const;  // how many requests may be sent now
  Clock::time_point rests_until() const { return rests_until_; }
  int64_t in_flight() const { return in_flight_; }
  int64_t window() const;  // how many it is given at most at present
  bool has_answered() const { return has_answered_; }

  // Closed: it refuses every request (wrong key, model or certificate).
  void close(const std::string& problem) { problem_ = problem; }
  const std::string& problem() const { return problem_; }  // empty: open

  void on_sent();
  void on_reply();
  void on_failure(Clock::time_point now, double retry_after_s, Random& random);
  void on_other_end();  // the request ended in a way that says nothing about its load

 private:
  bool is_filled() const { return most_in_flight_ >= round_window_; }
  void end_of_request(bool failed);
  void rest_until(Clock::time_point now, double seconds);

  EndpointUrl url_;
  ApiKey key_;
  std::vector<std::string> secrets_;
  double most_;
  double first_rest_s_;
  std::string problem_;

  double window_;
  bool is_starting_ = true;  // no failure yet
  int64_t in_flight_ = 0;
  int64_t round_window_;        // the window when this round began
  int64_t most_in_flight_ = 0;  // of this round
  int64_t replies_ = 0;         // of this round, failures among them
  int64_t failures_ = 0;
  int64_t failures_in_a_row_ = 0;
  int64_t rests_in_a_row_ = 0;
  bool has_answered_ = false;
  Clock::time_point rests_until_{};
};

}  // namespace lmc::client
