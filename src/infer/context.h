// The one rule of how much a model can take: prompt and reply together have so many positions.
// Positions, not tokens: an image of many tokens takes few positions (M-RoPE).
#pragma once

#include <cstdint>
#include <string>

#include "infer/engine.h"        // EngineInfo
#include "prompt/model_input.h"  // ModelInput

namespace lmc::infer {

// Tokens of a reply that fit behind the prompt, at most `wanted`; below 1: not even one.
int64_t room_for_reply(const prompt::ModelInput& prompt, const EngineInfo& info, int64_t wanted);

// Why the model cannot take the prompt: it leaves no room for a token. Empty: it can.
std::string too_long(const prompt::ModelInput& prompt, const EngineInfo& info);

}  // namespace lmc::infer
