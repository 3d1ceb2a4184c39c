// A reply that must be one of given texts: which of them it is, by how likely the model finds each.
//
// A text's probability is that of its tokens and of the end behind them, over the whole vocabulary;
// among the texts they are made to add up to one. Greedy takes the likeliest, a temperature draws from
// these probabilities to the power of its inverse. A grammar that leaves one token after the other
// free draws otherwise: it is led by the first tokens, whatever comes of them.
// Asked for by "structured_outputs": {"choice": [...]} (vLLM), "guided_choice" (vLLM before), or a
// "response_format" whose JSON schema is an object of one property that is an enum of texts; then the
// reply is that object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"        // Json
#include "base/random.h"      // Random
#include "infer/reply.h"      // Reply
#include "infer/sampling.h"   // SamplingOptions
#include "infer/scheduler.h"  // Score
#include "text/tokenizer.h"   // Tokenizer

namespace lmc::serve {

// The texts that a request allows; empty: any.
// Errors: ApiError (400), also for any other constraint.
std::vector<std::string> read_choices(const Json& request);

// The index of the likeliest (the first of equal ones) for a temperature that is greedy, else one drawn
// with probabilities in proportion to exp(log_probability / temperature).
size_t draw_choice(std::span<const double> log_probabilities, double temperature, Random& random);

class ForcedChoice {
 public:
  // The tokenizer outlives it. `stream_ids` name the random streams of the replies, one each.
  ForcedChoice(std::vector<std::string> choices, const text::Tokenizer& tokenizer,
               std::span<const int32_t> end_ids, const infer::SamplingOptions& sampling,
               std::vector<uint64_t> stream_ids);

  // What is to be scored behind the prompt, a list of tokens for each choice.
  const std::vector<std::vector<int32_t>>& continuations() const { return ids_; }

  // `scores` are of the continuations.
  std::vector<infer::Reply> replies(std::span<const infer::Score> scores) const;

 private:
  std::vector<double> log_probabilities(std::span<const infer::Score> scores) const;
  infer::Reply reply_of(size_t choice, const infer::Score& score) const;

  std::vector<std::string> choices_;
  const text::Tokenizer& tokenizer_;
  std::vector<int32_t> end_ids_;
  infer::SamplingOptions sampling_;
  std::vector<uint64_t> stream_ids_;
  std::vector<std::vector<int32_t>> ids_;
};

}  // namespace lmc::serve
