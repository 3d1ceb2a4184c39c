// What to do after an exchange with the teacher's endpoint.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/random.h"      // Random
#include "net/http_client.h"  // HttpReply

namespace lmc::client {

enum class NextStep {
  kRead,      // a completion, or something that claims to be one
  kRetry,     // the endpoint is busy, away or stumbled: the same request may succeed later
  kRedirect,  // HTTP 3xx; see redirect.h
  kRefused,   // the endpoint refuses this request and would again
  kTooLarge,  // the reply is larger than any explanation
  kClose,     // it refuses every request: key, model, address or certificate is wrong
};

NextStep next_step(const net::HttpReply& reply);

// The longest that a Retry-After is kept to.
inline constexpr double kMaxRetryAfterS = 300;

// Seconds before retry number `retry` (from 0): doubling from `first_s`, at most a minute, and
// drawn between half of that and all of it, so that many clients do not return together. A
// Retry-After that asks for more is kept to, up to five minutes.
double retry_delay_s(int64_t retry, double first_s, double retry_after_s, Random& random);

// One line on what went wrong, also with a reply of status 200 that is no completion. What it has of
// the endpoint's words is as shortened_words() leaves them.
std::string describe_failure(const net::HttpReply& reply, std::span<const std::string> secrets);

}  // namespace lmc::client
