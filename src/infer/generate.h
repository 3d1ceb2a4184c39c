// Decoding: from logits to text, for one prompt or a batch.
//
// Every row draws from its own random stream, so its text does not depend on its neighbours in the
// batch. Only tokens that the tokenizer has are drawn: the head may be padded with rows that stand
// for none.
// Errors: InputError for options out of range and for a prompt that leaves no position to reply in.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "infer/engine.h"           // Engine
#include "infer/sampling.h"         // SamplingOptions
#include "infer/token_log_probs.h"  // TokenLogProb
#include "text/tokenizer.h"         // Tokenizer

namespace lmc::infer {

enum class FinishReason { kEnd, kStop, kLength };

struct Reply {
  std::string text;          // special tokens left out; up to the stop string
  std::vector<int32_t> ids;  // as generated, the end token left out
  FinishReason finish = FinishReason::kEnd;
  std::vector<TokenLogProb> log_probs;  // one for each id, when the options ask for them
};

// Called with each piece of text that became final; returns false to end the row early, which
// counts as kStop. The pieces of a row make up its reply's text.
using OnText = std::function<bool(int64_t row, std::string_view piece)>;

// The word for it in records: "end", "stop" or "length".
std::string_view finish_name(FinishReason reason);

// Replies to every prompt, decoded as one batch; finished rows leave it. `end_ids` end a reply;
// `stream_ids` name the random streams (the index of the question, say) so that batching changes
// nothing. With k times as many streams as prompts, each prompt is prefilled once and gets k
// replies, which stand side by side.
std::vector<Reply> generate(Engine& engine, const text::Tokenizer& tokenizer,
                            std::span<const prompt::ModelInput> prompts,
                            std::span<const int32_t> end_ids, const SamplingOptions& options,
                            std::span<const uint64_t> stream_ids, const OnText& on_text = {});

}  // namespace lmc::infer
