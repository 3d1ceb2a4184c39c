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

#include <string>

#include "record/question.h"     // Question
#include "teacher/completion.h"  // TeacherReply

namespace lmc::teacher {

struct Verdict {
  bool accepted = false;
  std::string reason;  // empty when accepted
  std::string letter;  // empty: none could be read
  std::string reasoning;
};

Verdict judge(const TeacherReply& reply, const record::Question& question);

}  // namespace lmc::teacher
