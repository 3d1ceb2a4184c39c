// A refused request, as the OpenAI API words it.
#pragma once

#include <stdexcept>
#include <string>

#include "net/http_server.h"  // ServerReply

namespace lmc::serve {

struct ApiError : std::runtime_error {
  ApiError(int http_status, const std::string& message, std::string error_code = {},
           std::string parameter = {})
      : std::runtime_error(message),
        status(http_status),
        code(std::move(error_code)),
        param(std::move(parameter)) {}

  int status;         // HTTP: 400 the request, 404 the model, 503 busy, ...
  std::string code;   // "model_not_found", "context_length_exceeded"; empty: null
  std::string param;  // the member of the request at fault; empty: null
};

// {"error": {"message", "type", "param", "code"}} with its HTTP status; Retry-After when busy.
net::ServerReply error_reply(const ApiError& error);

// The JSON alone, for an error in the middle of a stream.
std::string error_body(const ApiError& error);

}  // namespace lmc::serve
