// What the chat server needs of a model: conversation to model input, and an engine with the tokens
// that end its replies.
//
// A seam, so that the protocol is tested without a model and any Engine can stand behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "infer/scheduler.h"     // Engine, Tokenizer
#include "prompt/processor.h"    // Processor
#include "serve/chat_request.h"  // ChatRequest

namespace lmc::serve {

struct ChatBackend {
  std::string model;  // the name that requests must give
  // Threads: many at once.
  // Errors: InputError, ApiError.
  std::function<prompt::ModelInput(const ChatRequest&)> prepare;
  infer::Engine& engine;
  const text::Tokenizer& tokenizer;
  std::span<const int32_t> end_ids;
};

// Both must outlive the backend.
ChatBackend engine_backend(std::string model, infer::Engine& engine,
                           const prompt::Processor& processor);

}  // namespace lmc::serve
