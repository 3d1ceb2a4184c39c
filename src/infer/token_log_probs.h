// How likely a drawn token was, and which others were likely at its place.
//
// Natural logarithms of the model's own distribution: before penalties, temperature and what
// sampling removes, as vLLM and the OpenAI API report them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "text/tokenizer.h"  // Tokenizer

namespace lmc::infer {

struct TokenChoice {
  std::string bytes;  // of the token; may be a part of a character
  double log_prob = 0;
};

struct TokenLogProb {
  TokenChoice drawn;
  std::vector<TokenChoice> top;  // the likeliest tokens; of equal ones the first
};

// Natural logarithm of each token's probability over the whole vocabulary is its logit less this.
double log_sum_exp(std::span<const float> logits_V);

// `logits_V` of the place where `token` was drawn, the head's padding left out.
TokenLogProb token_log_prob(std::span<const float> logits_V, int32_t token, int64_t num_top,
                            const text::Tokenizer& tokenizer);

}  // namespace lmc::infer
