// A reply whose beginning is given, to be continued.
#pragma once

#include <string_view>

#include "prompt/model_input.h"  // ModelInput
#include "prompt/processor.h"    // Processor

namespace lmc::prompt {

// Adds the beginning of the reply to `input`, which Processor::for_reply made: its turn stays open.
// It is encoded apart from the prompt, as a reply in training is. Empty: nothing changes.
// Errors: InputError for a Thinking model, whose reply begins inside its thoughts.
void begin_reply(ModelInput& input, std::string_view begun, const Processor& processor);

}  // namespace lmc::prompt
