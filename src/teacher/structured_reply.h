// Replies of a teacher that was asked for JSON: {"reasoning": "...", "answer": "B"}.
//
// The order of the schema's properties matters: servers that decode by a grammar (vLLM, SGLang,
// llama.cpp) write them in it, and a teacher that answers before it reasons explains its guess.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"  // Json

namespace lmc::teacher {

struct StructuredReply {
  std::string reasoning;
  char answer = 0;
};

// The member "response_format" of a request. `letters` are the options', such as "ABCD".
Json response_format_json(std::string_view letters);

// The last JSON object in `text` that has a string "reasoning" and, as "answer", one of `letters`;
// other members are ignored, and only the last 64 opening braces are looked at. It may stand alone,
// in a ``` fence, or among prose; not in a <think> block. Nothing when there is none, as in a reply
// that was cut short or is not valid JSON.
std::optional<StructuredReply> read_structured_reply(std::string_view text,
                                                     std::string_view letters);

// The same reply as if it had been asked for in plain text: the reasoning, an empty line, and
// "Answer: B".
std::string plain_reply(const StructuredReply& reply);

}  // namespace lmc::teacher
