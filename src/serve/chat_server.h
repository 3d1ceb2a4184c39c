// The OpenAI chat-completions protocol over one model: /v1/chat/completions, /v1/models,
// /v1/models/<id>, /health, /metrics.
//
// Works with the clients people have (the openai packages, vLLM's benchmark, curl) and serves as
// the demo's teacher. Offline by design: it opens no connection. What it logs are counts and times,
// never a word of a request or a reply.
#pragma once

#include <memory>
#include <ostream>

#include "infer/sampling.h"       // SamplingOptions
#include "serve/chat_backend.h"   // ChatBackend
#include "serve/serve_options.h"  // ServeOptions

namespace lmc::serve {

// What a process that serves gives to limit_heaps() (base/heap.h): bodies and images are read on many
// threads.
inline constexpr int kMaxHeaps = 4;

class ChatServer {
 public:
  // Binds the port. `defaults` hold for what a request leaves out. `log` gets a line a request when
  // log_requests is on.
  // Errors: InputError.
  ChatServer(const ServeOptions& options, ChatBackend backend,
             const infer::SamplingOptions& defaults, std::ostream& log);
  ~ChatServer();  // stops
  ChatServer(const ChatServer&) = delete;
  ChatServer& operator=(const ChatServer&) = delete;

  void start();
  void stop();  // takes no more, answers 503 to what waits or runs
  int port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Serves until a stop is asked for (base/interrupt.h).
void serve(const ServeOptions& options, ChatBackend backend, const infer::SamplingOptions& defaults,
           std::ostream& log);

}  // namespace lmc::serve
