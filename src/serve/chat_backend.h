// What the chat server needs of a model: conversation to model input, and an engine with the tokens
// that end its replies.
//
// A seam, so that the protocol is tested without a model and any Engine can stand behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>

#include "infer/scheduler.h"     // Engine, Tokenizer
#include "prompt/processor.h"    // Processor
#include "serve/chat_request.h"  // ChatRequest

namespace lmc::serve {

struct ChatBackend {
  std::string model;  // the name that requests must give
  // May wait for memory that other requests hold.
  // Threads: many at once.
  // Errors: InputError, ApiError, ClientLeft.
  std::function<prompt::ModelInput(const ChatRequest&, const std::stop_token& client_left)> prepare;
  infer::Engine& engine;
  const text::Tokenizer& tokenizer;
  std::span<const int32_t> end_ids;
};

// What the images of all requests may take at the same time. A request that needs more gets it
// while no other has any.
struct ImageMemory {
  size_t decoding_bytes = size_t{1} << 30;  // while files become pixels and patches
  size_t patches_bytes = size_t{1} << 30;   // from then until the request's reply is made
};

// Both must outlive the backend.
ChatBackend engine_backend(std::string model, infer::Engine& engine,
                           const prompt::Processor& processor, ImageMemory memory = {});

}  // namespace lmc::serve
