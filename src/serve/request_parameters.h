// What becomes of each parameter of a request: one table, so that none is forgotten in silence.
//
// Known are those of OpenAI's API reference ("Create chat completion") and those that clients of
// vLLM, SGLang, llama.cpp, Ollama and OpenRouter send. A parameter is
//   read      by chat_request.cpp
//   harmless  whatever it says: it is about the caller, the account, or how fast the reply comes
//   refused   by name, unless it is null, empty or says what holds anyway ("n": 1)
//   ignored   and named in the reply: what it wishes changes the reply's manner, or is not known
#pragma once

#include <string>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::serve {

// The names of those that are ignored, in the order of the request.
// Errors: ApiError (400) with the parameter's name.
std::vector<std::string> check_parameters(const Json& request);

// Of an object inside the request, such as a message: the members that are given and not `known`,
// as "<where>.<name>".
std::vector<std::string> unknown_members(const Json& object, const std::string& where,
                                         const std::vector<std::string>& known);

// A member that is there and not null; else null: to OpenAI's clients both mean the same.
const Json* given(const Json& object, const char* key);

}  // namespace lmc::serve
