#include "export/same_logits.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"             // LMC_CHECK
#include "infer/token_log_probs.h"  // log_sum_exp

namespace lmc::exporting {

namespace {

int32_t argmax(std::span<const float> logits) {
  return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

// Kullback-Leibler divergence of softmax(b) from softmax(a).
double divergence(const std::vector<float>& a, const std::vector<float>& b) {
  const double total_a = infer::log_sum_exp(a), total_b = infer::log_sum_exp(b);
  double sum = 0;
  for (size_t v = 0; v < a.size(); ++v) {
    const double log_a = a[v] - total_a;
    sum += std::exp(log_a) * (log_a - (b[v] - total_b));
  }
  return sum;
}

// One prompt after the other: the check must not depend on how an engine batches.
template <class NextToken>
LogitTrace trace(infer::Engine& engine, std::span<const prompt::ModelInput> prompts, int64_t steps,
                 const NextToken& next) {
  LogitTrace trace;
  for (size_t p = 0; p < prompts.size(); ++p) {
    const prompt::ModelInput& prompt = prompts[p];
    std::vector<const image::PatchGrid*> images;
    for (const auto& image : prompt.images) images.push_back(image.get());
    const std::vector<infer::SharedFeatures> features = engine.encode(images);
    const infer::SequenceId sequence = engine.open();
    infer::Feed feed{sequence, prompt.ids, {}, features, 1};
    for (size_t axis = 0; axis < 3; ++axis) feed.positions[axis] = prompt.positions[axis];
    auto& tokens = trace.tokens.emplace_back();
    auto& logits = trace.logits.emplace_back();
    for (int64_t step = 0;; ++step) {
      const infer::Logits made = engine.forward({&feed, 1});
      const std::span<const float> now = made.of(0);
      logits.emplace_back(now.begin(), now.end());
      if (step == steps) break;
      tokens.push_back(next(p, step, now));
      feed = {sequence, {&tokens.back(), 1}, {}, {}, 1};
    }
    engine.close(sequence);
  }
  return trace;
}

}  // namespace

LogitTrace trace_logits(infer::Engine& engine, std::span<const prompt::ModelInput> prompts,
                        int64_t steps) {
  return trace(engine, prompts, steps,
               [](size_t, int64_t, std::span<const float> logits) { return argmax(logits); });
}

LogitTrace trace_logits(infer::Engine& engine, std::span<const prompt::ModelInput> prompts,
                        const LogitTrace& other) {
  LMC_CHECK(other.tokens.size() == prompts.size(), "a trace of other prompts");
  const auto steps = static_cast<int64_t>(prompts.empty() ? 0 : other.tokens[0].size());
  return trace(engine, prompts, steps, [&](size_t p, int64_t step, std::span<const float>) {
    return other.tokens[p].at(static_cast<size_t>(step));
  });
}

LogitChange compare(const LogitTrace& first, const LogitTrace& second) {
  LogitChange change;
  double squares = 0, difference_squares = 0;
  for (size_t p = 0; p < first.logits.size(); ++p) {
    for (size_t step = 0; step < first.logits[p].size(); ++step) {
      const std::vector<float>& a = first.logits[p][step];
      const std::vector<float>& b = second.logits.at(p).at(step);
      LMC_CHECK(a.size() == b.size(), "engines of different vocabularies");
      const double mean = std::accumulate(a.begin(), a.end(), 0.0) /
                          static_cast<double>(std::max<size_t>(1, a.size()));
      for (size_t v = 0; v < a.size(); ++v) {
        const double difference = static_cast<double>(b[v]) - a[v];
        // Not max(): it would drop a NaN.
        if (!(std::abs(difference) <= change.largest)) change.largest = std::abs(difference);
        difference_squares += difference * difference;
        squares += (a[v] - mean) * (a[v] - mean);
      }
      ++change.places;
      change.mean_kl += divergence(a, b);
      change.same_choice += argmax(a) == argmax(b) ? 1 : 0;
    }
  }
  if (change.places > 0) change.mean_kl /= static_cast<double>(change.places);
  change.relative_rms = squares > 0 ? std::sqrt(difference_squares / squares) : 0;
  return change;
}

}  // namespace lmc::exporting
