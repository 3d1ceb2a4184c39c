#include "teacher/retry.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"              // cat
#include "teacher/endpoint_error.h"  // endpoint_error

namespace lmc::teacher {

namespace {

using Outcome = net::HttpReply::Outcome;

void blot_out(std::string& text, std::string_view secret) {
  if (secret.empty()) return;
  for (size_t at = text.find(secret); at != text.npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), "***");
  }
}

}  // namespace

NextStep next_step(const net::HttpReply& reply) {
  if (reply.outcome == Outcome::kNotTrusted) return NextStep::kClose;
  if (reply.outcome == Outcome::kTooLarge) return NextStep::kTooLarge;
  if (reply.outcome != Outcome::kReply) return NextStep::kRetry;
  switch (reply.status) {
    case 200:
      return NextStep::kRead;
    case 401:  // key
    case 402:  // credit
    case 403:
    case 404:  // address or model
    case 405:
      return NextStep::kClose;
    case 408:
    case 409:
    case 425:
    case 429:
      return NextStep::kRetry;
    default:
      return reply.status >= 500 ? NextStep::kRetry : NextStep::kRefused;
  }
}

double retry_delay_s(int64_t retry, double first_s, double retry_after_s, Random& random) {
  constexpr double kLongest = 60;
  const double whole =
      std::min(kLongest, first_s * std::exp2(static_cast<double>(std::min<int64_t>(retry, 30))));
  return std::max(whole * random.uniform(0.5, 1), std::min(retry_after_s, kLongestAskedForS));
}

std::string describe_failure(const net::HttpReply& reply, std::string_view api_key) {
  if (reply.outcome != Outcome::kReply) return reply.problem;
  // Its own words, or else the beginning of whatever it sent.
  std::string text = endpoint_error(reply.body).value_or(reply.body);
  blot_out(text, api_key);  // before cutting, which could leave a part of it
  constexpr size_t kMaxText = 200;
  if (text.size() > kMaxText) text = text.substr(0, kMaxText) + "...";
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return cat("HTTP ", reply.status, text.empty() ? "" : ": ", text);
}

}  // namespace lmc::teacher
