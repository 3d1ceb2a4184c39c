#include "serve/metrics.h"

#include <algorithm>

#include "base/check.h"  // cat

namespace lmc::serve {

namespace {

constexpr std::array<const char*, 4> kOutcomes = {"completed", "refused", "failed", "client_left"};

std::string head(std::string_view name, std::string_view type, std::string_view help) {
  return cat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

std::string single(std::string_view name, std::string_view type, std::string_view help,
                   int64_t value) {
  return cat(head(name, type, help), name, " ", value, "\n");
}

}  // namespace

void Histogram::observe(double value) {
  const auto* const bound = std::lower_bound(kBounds.begin(), kBounds.end(), value);
  ++counts_[static_cast<size_t>(bound - kBounds.begin())];
  sum_ += value;
}

std::string Histogram::text(std::string_view name, std::string_view help) const {
  std::string lines = head(name, "histogram", help);
  int64_t total = 0;
  for (size_t i = 0; i < kBounds.size(); ++i) {
    total += counts_[i];
    lines += cat(name, "_bucket{le=\"", kBounds[i], "\"} ", total, "\n");
  }
  total += counts_.back();
  return lines + cat(name, "_bucket{le=\"+Inf\"} ", total, "\n", name, "_sum ", sum_, "\n", name,
                     "_count ", total, "\n");
}

void ServerMetrics::count_reply(std::string_view route, int status) {
  const std::lock_guard lock(mutex_);
  ++num_replies_[{std::string(route), status}];
}

void ServerMetrics::count_outcome(Outcome outcome) {
  const std::lock_guard lock(mutex_);
  ++num_outcomes_[static_cast<size_t>(outcome)];
}

void ServerMetrics::count_tokens(int64_t num_prompt_tokens, int64_t num_reply_tokens) {
  const std::lock_guard lock(mutex_);
  num_prompt_tokens_ += num_prompt_tokens;
  num_reply_tokens_ += num_reply_tokens;
}

void ServerMetrics::observe_wait(double seconds) {
  const std::lock_guard lock(mutex_);
  wait_s_.observe(seconds);
}

void ServerMetrics::observe_request(double seconds) {
  const std::lock_guard lock(mutex_);
  request_s_.observe(seconds);
}

std::string ServerMetrics::text(const ServerState& state) const {
  const std::lock_guard lock(mutex_);
  std::string lines = head("litemedcot_http_requests_total", "counter",
                           "Requests answered or refused, by route and status.");
  for (const auto& [key, count] : num_replies_) {
    lines += cat("litemedcot_http_requests_total{route=\"", key.first, "\",status=\"", key.second,
                 "\"} ", count, "\n");
  }
  lines += head("litemedcot_chat_requests_total", "counter",
                "Chat requests that were read, by what became of them.");
  for (size_t i = 0; i < kOutcomes.size(); ++i) {
    lines += cat("litemedcot_chat_requests_total{outcome=\"", kOutcomes[i], "\"} ",
                 num_outcomes_[i], "\n");
  }
  lines +=
      single("litemedcot_prompt_tokens_total", "counter",
             "Tokens of the prompts of completed requests, images included.", num_prompt_tokens_);
  lines += single("litemedcot_reply_tokens_total", "counter", "Tokens of completed replies.",
                  num_reply_tokens_);
  const auto gauge = [&](std::string_view name, std::string_view help, size_t value) {
    lines += single(name, "gauge", help, static_cast<int64_t>(value));
  };
  gauge("litemedcot_requests_waiting", "Requests that wait for the engine.", state.num_waiting);
  gauge("litemedcot_requests_running", "Requests that run together.", state.num_running);
  gauge("litemedcot_connections", "Open connections.", state.num_connections);
  lines += wait_s_.text("litemedcot_wait_seconds", "How long requests waited for the engine.");
  return lines + request_s_.text("litemedcot_request_seconds",
                                 "How long completed chat requests took, the wait included.");
}

}  // namespace lmc::serve
