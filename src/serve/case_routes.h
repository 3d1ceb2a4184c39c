// What the clinician's page asks of the server: GET /v1/device, POST /v1/view, /v1/ask and
// /v1/sentences, /v1/override.
//
// Everything else of a case (its history, the file it came from) stays in the page. What the bodies
// are stands in docs/SERVER.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>

#include "base/json.h"             // Json
#include "net/http_server.h"       // ServerReply, ServerRequest
#include "serve/api_error.h"       // ApiError
#include "serve/case_answering.h"  // CaseAnswering
#include "serve/chat_backend.h"    // ChatBackend
#include "serve/chat_request.h"    // ChatLimits
#include "serve/request_queue.h"   // RequestQueue

namespace lmc::serve {

class CaseRoutes {
 public:
  // What a client is told of an error in the middle of a stream, which is logged.
  using LoggedError = std::function<ApiError(const std::exception_ptr&)>;
  // Told of every answer.
  using OnAnswered =
      std::function<void(int64_t num_prompt_tokens, int64_t num_reply_tokens, double seconds)>;

  // The backend has cases; backend and queue outlive the routes.
  CaseRoutes(const ChatBackend& backend, RequestQueue& queue, const ChatLimits& limits,
             LoggedError logged_error, OnAnswered on_answered);

  net::ServerReply device() const;
  // Errors of all: ApiError, ClientLeft and those of the engine.
  net::ServerReply view(net::ServerRequest& request) const;
  net::ServerReply ask(net::ServerRequest& request) const;
  net::ServerReply sentences(net::ServerRequest& request) const;
  // The reader's own answer, for the audit log.
  net::ServerReply override_answer(net::ServerRequest& request) const;

 private:
  using Clock = std::chrono::steady_clock;
  Json recorded(const Json& asked, const std::string& reply, CaseAnswering& answering,
                Clock::time_point start) const;

  const ChatBackend& backend_;
  RequestQueue& queue_;
  ChatLimits limits_;
  LoggedError logged_error_;
  OnAnswered on_answered_;
};

}  // namespace lmc::serve
