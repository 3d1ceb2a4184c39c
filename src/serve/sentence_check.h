// Whether each sentence of a reply comes from the image, and which places of it count for the
// sentence: grounding/sentence_evidence.h through the queue, beside what others ask.
//
// Scoring joins the batch like any request. The gradient has the engine to itself, a sentence at a
// time; others wait so long.
#pragma once

#include <stop_token>

#include "base/json.h"            // Json
#include "serve/case_request.h"   // CaseRequest
#include "serve/chat_backend.h"   // ChatBackend
#include "serve/request_queue.h"  // RequestQueue

namespace lmc::serve {

// {"method", "sentences": [{"begin", "end", "text", "from_image", "map"}]}, as docs/SERVER.md has it.
// Errors: ApiError (400, 503), ClientLeft.
Json check_sentences(const ChatBackend& backend, RequestQueue& queue, const CaseRequest& request,
                     const std::stop_token& client_left);

}  // namespace lmc::serve
