// What the chat server needs of a model: conversation to model input, and batches to replies.
//
// A seam, so that the protocol is tested without a model and any Engine can stand behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "infer/engine.h"        // Engine
#include "prompt/processor.h"    // Processor
#include "serve/batch_queue.h"   // GenerateBatch
#include "serve/chat_request.h"  // ChatRequest

namespace lmc::serve {

struct ChatBackend {
  std::string model;          // the name that requests must give
  int64_t max_positions = 0;  // prompt and reply together; 0: not known
  // Threads: many at once.
  // Errors: InputError, ApiError.
  std::function<prompt::ModelInput(const ChatRequest&)> prepare;
  GenerateBatch generate;
};

// Both must outlive the backend.
ChatBackend engine_backend(std::string model, infer::Engine& engine,
                           const prompt::Processor& processor);

}  // namespace lmc::serve
