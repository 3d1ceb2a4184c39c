// How likely known texts are behind prompts: a thin caller of the scheduler.
// Letters: V vocabulary.
// Errors: InputError for a prompt that is too long.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "infer/engine.h"     // Engine
#include "infer/scheduler.h"  // Score

namespace lmc::infer {

// The score of `continuations[i]` behind `prompts[i]`; without continuations, of nothing: the
// logits of the token that follows each prompt.
std::vector<Score> score(Engine& engine, std::span<const prompt::ModelInput> prompts,
                         std::span<const std::vector<int32_t>> continuations = {});

}  // namespace lmc::infer
