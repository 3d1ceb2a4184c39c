#include "infer/sampling.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "base/check.h"  // InputError, LMC_CHECK

namespace lmc::infer {

namespace {

constexpr float kRemoved = -std::numeric_limits<float>::infinity();

// Calls `change(logit)` once for each token that occurs. Ids past the head's last row are skipped:
// they cannot be drawn.
template <class Change>
void for_each_distinct(std::span<const int32_t> ids, std::vector<bool>& seen,
                       std::vector<float>& logits_V, const Change& change) {
  for (const int32_t id : ids) {
    const auto i = static_cast<size_t>(id);
    if (id < 0 || i >= logits_V.size() || seen[i]) continue;
    seen[i] = true;
    change(logits_V[i]);
  }
}

void penalise(std::vector<float>& logits_V, const SamplingOptions& options,
              std::span<const int32_t> prompt_ids, std::span<const int32_t> reply_ids) {
  if (options.repetition_penalty != 1) {
    const auto penalty = static_cast<float>(options.repetition_penalty);
    const auto change = [&](float& logit) {
      logit = logit < 0 ? logit * penalty : logit / penalty;
    };
    std::vector<bool> seen(logits_V.size());
    for_each_distinct(prompt_ids, seen, logits_V, change);
    for_each_distinct(reply_ids, seen, logits_V, change);
  }
  if (options.presence_penalty != 0) {
    const auto penalty = static_cast<float>(options.presence_penalty);
    std::vector<bool> seen(logits_V.size());
    for_each_distinct(reply_ids, seen, logits_V, [&](float& logit) { logit -= penalty; });
  }
}

// Logits equal to the last one kept stay too.
void keep_top_k(std::vector<float>& logits_V, int64_t top_k) {
  if (top_k <= 0 || static_cast<size_t>(top_k) >= logits_V.size()) return;
  std::vector<float> ordered = logits_V;
  const auto last = ordered.begin() + (top_k - 1);
  std::nth_element(ordered.begin(), last, ordered.end(), std::greater<>());
  const float threshold = *last;
  for (float& logit : logits_V) {
    if (logit < threshold) logit = kRemoved;
  }
}

// Removes the least likely tokens whose probabilities sum to at most 1 - top_p.
void keep_top_p(std::vector<float>& logits_V, double top_p) {
  if (top_p >= 1) return;
  std::vector<size_t> order;
  for (size_t i = 0; i < logits_V.size(); ++i) {
    if (logits_V[i] != kRemoved) order.push_back(i);
  }
  if (order.empty()) return;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return logits_V[a] < logits_V[b]; });
  const double most = logits_V[order.back()];
  double total = 0;
  for (const size_t i : order) total += std::exp(logits_V[i] - most);
  double below = 0;
  for (size_t place = 0; place + 1 < order.size(); ++place) {
    below += std::exp(logits_V[order[place]] - most);
    if (below > (1 - top_p) * total) break;
    logits_V[order[place]] = kRemoved;
  }
}

// Removes tokens less likely than min_p times the likeliest.
void keep_min_p(std::vector<float>& logits_V, double min_p) {
  if (min_p <= 0) return;
  const double most = *std::max_element(logits_V.begin(), logits_V.end());
  for (float& logit : logits_V) {
    if (logit < most && std::exp(logit - most) < min_p) logit = kRemoved;
  }
}

// Below it the likeliest token is drawn whatever the logits are, and a division would leave the
// range of their type.
constexpr double kLeastTemperature = 1e-5;

bool is_greedy(const SamplingOptions& options) { return options.temperature < kLeastTemperature; }

int32_t argmax(std::span<const float> logits_V) {
  size_t best = logits_V.size();
  float most = kRemoved;
  for (size_t i = 0; i < logits_V.size(); ++i) {
    if (logits_V[i] > most) {
      best = i;
      most = logits_V[i];
    }
  }
  LMC_CHECK(best < logits_V.size(), "none of ", logits_V.size(), " logits is a number");
  return static_cast<int32_t>(best);
}

int32_t draw(std::span<const float> logits_V, Random& random) {
  const double most = logits_V[static_cast<size_t>(argmax(logits_V))];
  double total = 0;
  for (const float logit : logits_V) total += std::exp(logit - most);
  LMC_CHECK(std::isfinite(total), "the logits hold a value that is not a number");
  double left = random.uniform() * total;
  size_t last = 0;
  for (size_t i = 0; i < logits_V.size(); ++i) {
    if (logits_V[i] == kRemoved) continue;
    last = i;
    left -= std::exp(logits_V[i] - most);
    if (left < 0) break;
  }
  return static_cast<int32_t>(last);  // rounding may leave a little behind the last token
}

}  // namespace

std::vector<Field> SamplingOptions::fields() {
  return {
      {"max-new-tokens", "longest reply, in tokens", &max_new_tokens, at_least(1)},
      {"temperature", "0: always the likeliest token", &temperature, at_least(0)},
      {"top-k", "draw from this many tokens; 0: all", &top_k, at_least(0)},
      {"top-p", "draw from the likeliest tokens with this probability in all", &top_p,
       above_to(0, 1)},
      {"min-p", "leave out tokens less likely than this times the likeliest", &min_p,
       from_to(0, 1)},
      {"repetition-penalty", "above 1: discourage tokens of prompt and reply", &repetition_penalty,
       more_than(0)},
      {"presence-penalty", "above 0: discourage tokens of the reply", &presence_penalty},
      {"stop", "end the reply before this text; repeat for several", &stop},
      {"seed", "decides every random choice", &seed},
  };
}

void check_sampling(const SamplingOptions& options) {
  SamplingOptions copy = options;
  check_fields(copy.fields());
  for (const std::string& stop : options.stop) {
    if (stop.empty()) throw InputError("--stop", "expected some text, found none");
  }
}

std::vector<float> processed_logits(std::span<const float> logits_V, const SamplingOptions& options,
                                    std::span<const int32_t> prompt_ids,
                                    std::span<const int32_t> reply_ids) {
  std::vector<float> processed_V(logits_V.begin(), logits_V.end());
  penalise(processed_V, options, prompt_ids, reply_ids);
  if (is_greedy(options)) return processed_V;
  for (float& logit : processed_V) logit /= static_cast<float>(options.temperature);
  keep_top_k(processed_V, options.top_k);
  keep_top_p(processed_V, options.top_p);
  keep_min_p(processed_V, options.min_p);
  return processed_V;
}

int32_t sample_token(std::span<const float> logits_V, const SamplingOptions& options,
                     std::span<const int32_t> prompt_ids, std::span<const int32_t> reply_ids,
                     Random& random) {
  const bool is_plain = options.repetition_penalty == 1 && options.presence_penalty == 0;
  if (is_greedy(options) && is_plain) return argmax(logits_V);
  const std::vector<float> processed_V = processed_logits(logits_V, options, prompt_ids, reply_ids);
  return is_greedy(options) ? argmax(processed_V) : draw(processed_V, random);
}

}  // namespace lmc::infer
