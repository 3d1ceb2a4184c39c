#include "client/retry.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"             // cat
#include "client/endpoint_error.h"  // endpoint_error
#include "client/endpoint_words.h"  // shortened_words
#include "client/event_stream.h"    // for_each_event
#include "client/web_page.h"        // web_page_title

namespace lmc::client {

namespace {

using Outcome = net::HttpReply::Outcome;

// The endpoint's own words, or what else it sent.
std::string words_of(const net::HttpReply& reply) {
  const std::string_view body = reply.body;
  if (auto message = endpoint_error(body)) return std::move(*message);
  if (const auto title = web_page_title(body)) {
    return cat(looks_like_login(*title) ? "a login page" : "an HTML page",
               reply.status == 200 ? ", not a chat completion" : "", title->empty() ? "" : ": \"",
               *title, title->empty() ? "" : "\"");
  }
  if (reply.status != 200) return reply.body;
  // Not quoted: it may be most of a completion.
  if (body.find_first_not_of(" \t\r\n") == body.npos) return "the reply is empty";
  bool has_events = false;
  for_each_event(body, [&](const StreamEvent& event) {
    has_events = event.data.starts_with('{');
    return !has_events;
  });
  return has_events ? "the stream ends before the reply does"
                    : "the reply is not a chat completion";
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
      if (reply.status >= 300 && reply.status < 400) return NextStep::kRedirect;
      return reply.status >= 500 ? NextStep::kRetry : NextStep::kRefused;
  }
}

double retry_delay_s(int64_t retry, double first_s, double retry_after_s, Random& random) {
  constexpr double kMaxWaitS = 60;
  const double whole =
      std::min(kMaxWaitS, first_s * std::exp2(static_cast<double>(std::min<int64_t>(retry, 30))));
  return std::max(whole * random.uniform(0.5, 1), std::min(retry_after_s, kMaxRetryAfterS));
}

std::string describe_failure(const net::HttpReply& reply, std::span<const std::string> secrets) {
  if (reply.outcome != Outcome::kReply) return reply.problem;
  const std::string text = shortened_words(words_of(reply), secrets);
  return cat("HTTP ", reply.status, text.empty() ? "" : ": ", text);
}

}  // namespace lmc::client
