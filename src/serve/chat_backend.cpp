#include "serve/chat_backend.h"

#include <utility>

#include "base/check.h"          // InputError
#include "prompt/begun_reply.h"  // begin_reply

namespace lmc::serve {

ChatBackend engine_backend(std::string model, infer::Engine& engine,
                           const prompt::Processor& processor, const CaseOptions& cases,
                           ImageMemory memory) {
  const auto reader = std::make_shared<ImageReader>(processor, memory);
  const auto prepare = [&processor, reader](const ChatRequest& request,
                                            const std::stop_token& client_left) {
    prompt::ModelInput input = processor.for_reply(
        request.messages, reader->read(request.images, "messages", client_left));
    prompt::begin_reply(input, request.begun_reply, processor);
    if (!request.choices.empty() && processor.style() == prompt::ChatStyle::kThinking) {
      throw InputError("choice", "the reply of a Thinking model begins with its thoughts");
    }
    return input;
  };
  return {std::move(model),
          prepare,
          engine,
          processor.tokenizer(),
          processor.end_ids(),
          std::make_shared<const CaseBackend>(engine, processor, reader, cases)};
}

}  // namespace lmc::serve
