// The teacher's reply, and whether a student may learn from it.
//
// Accepted is a whole reply that reaches the gold answer by reasoning of its own. Everything else
// is kept in the ledger with the reason, one word:
//   truncated       ended by the token limit
//   empty           no text
//   refused         the teacher, or a filter before it, declined; or speaks of being an AI
//   no-answer       no letter can be read
//   wrong-answer    the letter is not the gold one
//   no-reasoning    a bare letter
//   gold-leak       says that the answer was given
//   cites-caption   leans on a caption that the student will not see
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/question.h"  // Question

namespace lmc::teacher {

// The parts of a chat completion that matter here.
struct TeacherReply {
  std::string text;    // with the reasoning, when the endpoint sends it apart, in a <think> block
  std::string finish;  // "stop", "length", "content_filter", ...
  bool declined = false;
  std::string model;
  int64_t prompt_tokens = 0;
  int64_t reply_tokens = 0;
};

// Nothing when `body` is not a chat completion: cut short, an error page, another protocol.
std::optional<TeacherReply> parse_reply(std::string_view body);

struct Verdict {
  bool accepted = false;
  std::string reason;  // empty when accepted
  std::string letter;  // empty: none could be read
  std::string reasoning;
};

Verdict judge(const TeacherReply& reply, const record::Question& question);

}  // namespace lmc::teacher
