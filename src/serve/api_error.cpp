#include "serve/api_error.h"

#include "base/json.h"  // Json, to_text

namespace lmc::serve {

namespace {

const char* type_of(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

std::string error_body(const ApiError& error) {
  return to_text({{"error",
                   {{"message", error.what()},
                    {"type", type_of(error.status)},
                    {"param", text_or_null(error.param)},
                    {"code", text_or_null(error.code)}}}});
}

net::ServerReply error_reply(const ApiError& error) {
  net::ServerReply reply;
  reply.status = error.status;
  reply.body = error_body(error);
  if (error.status == 503) reply.headers.add("Retry-After", "1");
  return reply;
}

}  // namespace lmc::serve
