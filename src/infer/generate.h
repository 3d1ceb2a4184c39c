// Replies to prompts, and scores of known texts, as one call: thin callers of the scheduler.
//
// Every reply draws from its own random stream, so its text does not depend on its neighbours.
// Errors: InputError for options out of range and for a prompt that leaves no position to reply in.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "infer/engine.h"     // Engine
#include "infer/reply.h"      // Reply
#include "infer/sampling.h"   // SamplingOptions
#include "infer/scheduler.h"  // Score
#include "text/tokenizer.h"   // Tokenizer

namespace lmc::infer {

// Called with each piece of text that became final; returns false to end the row early, which
// counts as kStop. The pieces of a row make up its reply's text.
using OnText = std::function<bool(int64_t row, std::string_view piece)>;

// Replies to every prompt. `end_ids` end a reply; `stream_ids` name the random streams (the index
// of the question, say) so that batching changes nothing. With k times as many streams as prompts,
// each prompt is read once and gets k replies, which stand side by side.
std::vector<Reply> generate(Engine& engine, const text::Tokenizer& tokenizer,
                            std::span<const prompt::ModelInput> prompts,
                            std::span<const int32_t> end_ids, const SamplingOptions& options,
                            std::span<const uint64_t> stream_ids, const OnText& on_text = {});

}  // namespace lmc::infer
