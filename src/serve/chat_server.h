// The OpenAI chat-completions protocol over one model: /v1/chat/completions, /v1/models,
// /v1/models/<id>, /health.
//
// Works with the clients people have (the openai packages, vLLM's benchmark, curl) and serves as
// the demo's teacher. Offline by design: it opens no connection. What it logs are counts and times,
// never a word of a request or a reply.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/fields.h"         // Field
#include "infer/sampling.h"      // SamplingOptions
#include "serve/chat_backend.h"  // ChatBackend

namespace lmc::serve {

struct ServeOptions {
  std::string host = "127.0.0.1";
  int64_t port = 8080;
  std::string api_key_env;
  int64_t max_batch = 16;
  int64_t max_waiting = 256;
  int64_t gather_ms = 0;
  int64_t max_reply_tokens = 8192;
  int64_t max_images = 8;
  int64_t max_body_mib = 64;
  bool log_requests = false;
  std::string ready_file;

  std::vector<Field> fields();
};

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
