// What a chat server counts of its requests, for Prometheus: no word of a request or a reply.
//
// Threads: any.
// Source: Prometheus text-based exposition format 0.0.4.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace lmc::serve {

inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

// How many values lie at or below each of some bounds.
class Histogram {
 public:
  // Seconds: from a refusal to a long reply on a slow machine.
  static constexpr std::array<double, 14> kBounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                     1,     2.5,  5,     10,   30,  60,   120};
  void observe(double value);
  // The lines of the metric, `# HELP` and `# TYPE` among them.
  std::string text(std::string_view name, std::string_view help) const;

 private:
  std::array<int64_t, kBounds.size() + 1> counts_{};
  double sum_ = 0;
};

// How things stand now.
struct ServerState {
  size_t num_waiting = 0;
  size_t num_running = 0;
  size_t num_connections = 0;
};

class ServerMetrics {
 public:
  enum class Outcome { kCompleted, kRefused, kFailed, kClientLeft };

  // Any request; `route` is empty where none takes it.
  void count_reply(std::string_view route, int status);
  // A chat request whose body was read, at its end.
  void count_outcome(Outcome outcome);
  void count_tokens(int64_t num_prompt_tokens, int64_t num_reply_tokens);
  void observe_wait(double seconds);     // for the engine
  void observe_request(double seconds);  // of a completed request, the wait included

  std::string text(const ServerState& state) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, int64_t> num_replies_;  // by route and status
  std::array<int64_t, 4> num_outcomes_{};
  int64_t num_prompt_tokens_ = 0;
  int64_t num_reply_tokens_ = 0;
  Histogram wait_s_;
  Histogram request_s_;
};

}  // namespace lmc::serve
