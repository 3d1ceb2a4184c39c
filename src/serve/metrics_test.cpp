#include "serve/metrics.h"

#include <gmock/gmock.h>

namespace lmc::serve {
namespace {

using testing::HasSubstr;

TEST(Metrics, HistogramsCountAtOrBelowABound) {
  Histogram histogram;
  for (const double value : {0.001, 0.005, 0.0051, 1.0, 500.0}) histogram.observe(value);
  const std::string text = histogram.text("x_seconds", "Help.");
  EXPECT_TRUE(text.starts_with("# HELP x_seconds Help.\n# TYPE x_seconds histogram\n")) << text;
  for (const char* line : {"x_seconds_bucket{le=\"0.005\"} 2\n",
                           "x_seconds_bucket{le=\"0.01\"} 3\n", "x_seconds_bucket{le=\"0.5\"} 3\n",
                           "x_seconds_bucket{le=\"1\"} 4\n", "x_seconds_bucket{le=\"120\"} 4\n",
                           "x_seconds_bucket{le=\"+Inf\"} 5\n", "x_seconds_count 5\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, HasSubstr("x_seconds_sum 501.011"));
}

TEST(Metrics, EveryCountHasItsLine) {
  ServerMetrics metrics;
  metrics.count_reply("/health", 200);
  metrics.count_reply("/health", 200);
  metrics.count_reply("", 404);
  metrics.count_outcome(ServerMetrics::Outcome::kCompleted);
  metrics.count_outcome(ServerMetrics::Outcome::kClientLeft);
  metrics.count_tokens(100, 20);
  metrics.count_tokens(1'000'000'000'000, 1);
  metrics.observe_wait(0.02);
  metrics.observe_request(3);
  const std::string text = metrics.text({4, 5, 6});
  for (const char* line :
       {"litemedcot_http_requests_total{route=\"/health\",status=\"200\"} 2\n",
        "litemedcot_http_requests_total{route=\"\",status=\"404\"} 1\n",
        "litemedcot_chat_requests_total{outcome=\"completed\"} 1\n",
        "litemedcot_chat_requests_total{outcome=\"failed\"} 0\n",
        "litemedcot_chat_requests_total{outcome=\"client_left\"} 1\n",
        "litemedcot_prompt_tokens_total 1000000000100\n", "litemedcot_reply_tokens_total 21\n",
        "litemedcot_requests_waiting 4\n", "litemedcot_requests_running 5\n",
        "litemedcot_connections 6\n", "litemedcot_wait_seconds_bucket{le=\"0.025\"} 1\n",
        "litemedcot_request_seconds_sum 3\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace lmc::serve
