// What an endpoint says when it does not complete a chat.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lmc::client {

// The endpoint's own message, from any of these bodies; nothing when it is none of them:
//   {"error": {"message": ...}}    OpenAI, newer vLLM, llama.cpp; also as an event of a stream, and
//                                  in a choice; without a message the error as it stands
//   [{"error": {"message": ...}}]  Gemini
//   {"errors": [{"message": ...}]} Cloudflare
//   {"error": "..."}               Ollama
//   {"message": ...}               older vLLM and SGLang, with "object": "error"
//   {"detail": "..."}, {"detail": [{"msg": ...}]}    FastAPI: unknown path, request not valid
std::optional<std::string> endpoint_error(std::string_view body);

}  // namespace lmc::client
