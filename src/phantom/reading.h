// Conversations without images that teach what a language model brings along: which letter stands
// before the words of an option.
//
// A base model is pretrained on text before it sees an image; these stand for that. The options
// are words of this world, dealt at random, so nothing about images or answers can be learnt.
#pragma once

#include <cstdint>

#include "base/json.h"  // Json

namespace lmc::phantom {

// {"prompt", "reply"}: the same for the same index and seed.
Json reading_conversation(int64_t index, int64_t seed);

}  // namespace lmc::phantom
