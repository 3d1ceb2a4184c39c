// What an endpoint's reply to POST /chat/completions says.
//
// Sources: the OpenAI API reference, "The chat completion object" and "... chunk object"; and what
// vLLM, SGLang, llama.cpp and Ollama make of it: tests/golden/endpoint_replies. Beyond that are
// taken: a byte order mark, NaN and Infinity among the log-probabilities (as Python writes them),
// counts written 9.0, an empty "error".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/token_log_prob.h"  // TokenLogProb

namespace lmc::client {

// The parts of a chat completion that matter here: the first choice's.
struct Completion {
  std::string text;    // with the reasoning, when the endpoint sends it apart, in a <think> block
  std::string finish;  // "stop", "length", "content_filter", ...; empty: the endpoint does not say
  bool declined = false;
  std::string model;
  int64_t prompt_tokens = 0;
  int64_t reply_tokens = 0;
  // Of every token the endpoint gives them for, in order: with those of the reasoning, and at times
  // those of the marks around it and of the end. Empty when they were not asked for, or when one is
  // not a number. Alternatives of no probability are left out; a written token of none has -9999.
  std::vector<record::TokenLogProb> log_probs;
};

// Reads a completion in one piece, or a stream of server-sent events received whole; which of the
// two it is, the body tells. Nothing when it is neither: cut short (a stream that does not say why
// it ended), aborted by the endpoint, an error (see endpoint_error.h), another protocol.
std::optional<Completion> parse_completion(std::string_view body);

}  // namespace lmc::client
