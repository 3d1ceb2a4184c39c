#include "prompt/begun_reply.h"

#include "base/check.h"  // InputError

namespace lmc::prompt {

void begin_reply(ModelInput& input, std::string_view begun, const Processor& processor) {
  if (begun.empty()) return;
  if (processor.style() == ChatStyle::kThinking) {
    throw InputError("messages", "the reply of a Thinking model begins with its thoughts",
                     "leave out the last message, the assistant's");
  }
  for (const int32_t id : processor.tokenizer().encode(begun, text::AddedTokens::kAsText)) {
    input.ids.push_back(id);
    input.is_target.push_back(0);
    for (std::vector<int32_t>& axis : input.positions) axis.push_back(input.next_position);
    ++input.next_position;
  }
}

}  // namespace lmc::prompt
