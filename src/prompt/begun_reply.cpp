#include "prompt/begun_reply.h"

#include "base/check.h"  // InputError

namespace lmc::prompt {

void begin_reply(ModelInput& input, std::string_view begun, const Processor& processor) {
  if (begun.empty()) return;
  if (processor.style() == ChatStyle::kThinking) {
    throw InputError("messages", "the reply of a Thinking model begins with its thoughts",
                     "leave out the last message, the assistant's");
  }
  append_text(processor.tokenizer().encode(begun, text::AddedTokens::kAsText), input);
}

}  // namespace lmc::prompt
