#include "serve/chat_backend.h"

#include <utility>

#include "image/image.h"         // decode
#include "prompt/begun_reply.h"  // begin_reply

namespace lmc::serve {

ChatBackend engine_backend(std::string model, infer::Engine& engine,
                           const prompt::Processor& processor) {
  ChatBackend backend;
  backend.model = std::move(model);
  backend.max_positions = engine.info().max_positions;
  backend.prepare = [&processor](const ChatRequest& request) {
    std::vector<std::shared_ptr<const image::PatchGrid>> pictures;
    for (const std::string& file : request.pictures) {
      const std::string where = cat("picture ", pictures.size() + 1);
      pictures.push_back(processor.patches(image::decode(file, where), where));
    }
    prompt::ModelInput input = processor.for_reply(request.messages, std::move(pictures));
    prompt::begin_reply(input, request.begun_reply, processor);
    return input;
  };
  backend.generate = [&engine, &processor](std::span<const prompt::ModelInput> inputs,
                                           const infer::SamplingOptions& sampling,
                                           std::span<const uint64_t> stream_ids,
                                           const infer::OnText& on_text) {
    return infer::generate(engine, processor.tokenizer(), inputs, processor.end_ids(), sampling,
                           stream_ids, on_text);
  };
  return backend;
}

}  // namespace lmc::serve
