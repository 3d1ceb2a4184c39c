#include "serve/chat_backend.h"

#include <memory>
#include <utility>
#include <vector>

#include "image/image.h"         // decode
#include "prompt/begun_reply.h"  // begin_reply

namespace lmc::serve {

ChatBackend engine_backend(std::string model, infer::Engine& engine,
                           const prompt::Processor& processor) {
  const auto prepare = [&processor](const ChatRequest& request) {
    std::vector<std::shared_ptr<const image::PatchGrid>> images;
    for (const std::string& file : request.images) {
      const std::string where = cat("image ", images.size() + 1);
      images.push_back(processor.patches(image::decode(file, where), where));
    }
    prompt::ModelInput input = processor.for_reply(request.messages, std::move(images));
    prompt::begin_reply(input, request.begun_reply, processor);
    return input;
  };
  return {std::move(model), prepare, engine, processor.tokenizer(), processor.end_ids()};
}

}  // namespace lmc::serve
