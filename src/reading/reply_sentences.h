// What a sentence does with what it says: it asks, or it supposes.
#pragma once

#include <cstddef>

#include "reading/reply_choices.h"  // ReplyChoices, Finding

namespace lmc::reading {

// Words from the first of the sentence that word `i` belongs to, to the mark that ends it. A line
// ends a sentence, too.
struct Sentence {
  size_t begin = 0;
  size_t end = 0;  // of its mark, its line's break, or the end of the reply
};
Sentence sentence_at(const ReplyChoices& reply, size_t i);

// In what follows word `i` is where a statement begins and `found` what it says.

// "Could it be B?", "Is the answer C?": a question that nobody has answered. "Is it B? Yes." states
// B; "The answer is C?" and a bare "C?" state a doubtful answer.
bool asks(const ReplyChoices& reply, size_t i, const Finding& found);

// "If there were fever, the answer would be A", "B would be correct if ...", "for example, B"; not
// "if I had to guess" nor "if the image shows an effusion, it would be B".
bool supposes(const ReplyChoices& reply, size_t i, const Finding& found);

// The same, or what holds under a condition: "If the image shows a nodule, the answer is A".
bool is_conditional(const ReplyChoices& reply, size_t i, const Finding& found);

}  // namespace lmc::reading
