// Whether two engines say the same: the logits of one beside those of the other, over the same
// prompts and the same continuation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "infer/engine.h"  // Engine

namespace lmc::exporting {

// Logits after each prompt and after each of the tokens that follow it.
struct LogitTrace {
  std::vector<std::vector<int32_t>> tokens;             // [prompt][step], as they were forced
  std::vector<std::vector<std::vector<float>>> logits;  // [prompt][step][V]
};

// Follows the engine's own likeliest tokens for `steps` steps.
LogitTrace trace_logits(infer::Engine& engine, std::span<const prompt::ModelInput> prompts,
                        int64_t steps);
// Follows `other`'s tokens.
LogitTrace trace_logits(infer::Engine& engine, std::span<const prompt::ModelInput> prompts,
                        const LogitTrace& other);

struct LogitChange {
  int64_t places = 0;
  int64_t same_choice = 0;  // places whose likeliest token is the same
  double largest = 0;       // max |difference|
  double relative_rms = 0;  // rms of the difference / rms of the first's logits about their mean
  double mean_kl = 0;       // of the first's distribution against the second's, nats
};

LogitChange compare(const LogitTrace& first, const LogitTrace& second);

}  // namespace lmc::exporting
