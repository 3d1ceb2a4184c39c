// Decoding: from logits to text, for one prompt or a batch.
//
// Order of the logit steps, as in transformers: repetition penalty, presence penalty, temperature,
// top-k, top-p, min-p, draw. Every row draws from its own random stream, so its text does not depend
// on its neighbours in the batch.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/fields.h"       // Field
#include "base/random.h"       // Random
#include "infer/engine.h"      // Engine
#include "text/tokenizer.h"    // Tokenizer

namespace lmc::infer {

struct SamplingOptions {
  int64_t max_new_tokens = 512;
  double temperature = 0;  // 0: greedy
  int64_t top_k = 0;       // 0: all
  double top_p = 1;
  double min_p = 0;
  double repetition_penalty = 1;  // over prompt and reply, as transformers does
  double presence_penalty = 0;    // over the reply, as vLLM does
  std::vector<std::string> stop;  // the reply ends before the first of these
  int64_t seed = 0;

  std::vector<Field> fields();
};

enum class FinishReason { kEnd, kStop, kLength };

struct Reply {
  std::string text;
  std::vector<int32_t> ids;  // as generated, the end token left out
  FinishReason finish = FinishReason::kEnd;
};

// Called with each piece of text that became final; returns false to end the row early.
using OnText = std::function<bool(int64_t row, std::string_view piece)>;

// The token drawn from `logits`; `seen_prompt` and `seen_reply` feed the penalties.
int32_t sample_token(std::span<const float> logits, const SamplingOptions& options,
                     std::span<const int32_t> prompt_ids, std::span<const int32_t> reply_ids,
                     Random& random);

// Replies to every prompt. `end_ids` end a reply; `stream_ids` name the random streams (the index
// of the question, say) so that batching changes nothing.
std::vector<Reply> generate(Engine& engine, const text::Tokenizer& tokenizer,
                            std::span<const prompt::ModelInput> prompts,
                            std::span<const int32_t> end_ids, const SamplingOptions& options,
                            std::span<const uint64_t> stream_ids, const OnText& on_text = {});

}  // namespace lmc::infer
