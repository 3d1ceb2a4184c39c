// From the logits of one position to the token that is drawn.
//
// Order of the steps, as in transformers: repetition penalty, presence penalty, temperature, top-k,
// top-p, min-p, draw.
// Mirrors: transformers, generation/logits_process.py (RepetitionPenalty, Temperature, TopK, TopP,
//          MinP); vLLM, model_executor/layers/utils.py, apply_penalties (presence penalty).
// Letters: V vocabulary.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"  // Field
#include "base/random.h"  // Random

namespace lmc::infer {

struct SamplingOptions {
  int64_t max_new_tokens = 512;
  double temperature = 0;  // 0, or less than 1e-5: greedy
  int64_t top_k = 0;       // 0: all
  double top_p = 1;
  double min_p = 0;
  double repetition_penalty = 1;  // over prompt and reply, as transformers does
  double presence_penalty = 0;    // over the reply, as vLLM does
  std::vector<std::string> stop;  // the reply ends before the first of these
  int64_t seed = 0;
  // Which log probabilities a reply records, for those who ask by program: so many likeliest
  // tokens at each place beside the drawn one. -1: none at all. Changes nothing that is drawn.
  int64_t top_log_probs = -1;

  std::vector<Field> fields();
};

// Errors: InputError naming the option that is out of range.
void check_sampling(const SamplingOptions& options);

// The logits after all steps before the draw, [V]; a token that cannot be drawn has -infinity. With
// a greedy one only the penalties are applied.
std::vector<float> processed_logits(std::span<const float> logits_V, const SamplingOptions& options,
                                    std::span<const int32_t> prompt_ids,
                                    std::span<const int32_t> reply_ids);

// The token drawn from `logits_V`; `prompt_ids` and `reply_ids` feed the penalties. Greedy takes
// the first of equal logits.
// Errors: InternalError when no logit is a number.
int32_t sample_token(std::span<const float> logits_V, const SamplingOptions& options,
                     std::span<const int32_t> prompt_ids, std::span<const int32_t> reply_ids,
                     Random& random);

}  // namespace lmc::infer
