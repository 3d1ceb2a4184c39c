// What the chat server needs of a model: conversation to model input, and an engine with the tokens
// that end its replies.
//
// A seam, so that the protocol is tested without a model and any Engine can stand behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "infer/scheduler.h"     // Engine, Tokenizer
#include "prompt/processor.h"    // Processor
#include "serve/case_backend.h"  // CaseBackend, CaseOptions
#include "serve/chat_request.h"  // ChatRequest
#include "serve/image_reader.h"  // ImageMemory

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
  std::shared_ptr<const CaseBackend> cases = nullptr;  // null: there is no page
};

// Both must outlive the backend.
ChatBackend engine_backend(std::string model, infer::Engine& engine,
                           const prompt::Processor& processor, const CaseOptions& cases = {},
                           ImageMemory memory = {});

}  // namespace lmc::serve
