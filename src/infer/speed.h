// How fast an engine is: a prompt read, tokens decoded behind a long one, a question about an
// image.
//
// Tokens are any numbers and the image is noise: speed does not depend on what they say.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "infer/engine.h"        // Engine
#include "prompt/model_input.h"  // PatchGrid

namespace lmc::infer {

struct SpeedPlan {
  int64_t prompt_tokens = 512;
  int64_t depth = 600;  // tokens that stand before those decoded
  int64_t decode_tokens = 64;
  int64_t text_tokens = 131;  // behind the image
  int64_t repetitions = 3;
  // Energy since it was last asked, in joules; empty, or nothing where the system does not tell.
  std::function<std::optional<double>()> joules;
  std::function<void(int64_t repetition)> on_repetition;  // before each; 0 is the one before
};

// Of each repetition, in order.
struct Speed {
  std::vector<double> prefill_tokens_per_s;
  std::vector<double> decode_tokens_per_s;
  std::vector<double> encode_s;       // the image, by the vision tower
  std::vector<double> first_token_s;  // image and text, until the logits of the reply's first token
  std::vector<double> prefill_joules_per_token, decode_joules_per_token;  // empty: not told
};

// Each is run once before it counts.
Speed measure_speed(Engine& engine, const image::PatchGrid& image, const SpeedPlan& plan);

double median(std::vector<double> values);

}  // namespace lmc::infer
