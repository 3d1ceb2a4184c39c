// Replies that give no answer: messages of a program, refusals, and requests for what is missing.
#pragma once

#include <cstddef>

#include "reading/reply_choices.h"  // ReplyChoices, Finding

namespace lmc::reading {

// Whether the reply begins as a message of a program: "Error code: 500", a traceback.
bool is_failure(const ReplyChoices& reply);

// Whether the replier declines to answer or asks for what is missing: "I cannot determine ...",
// "please provide the image", "no image was attached". Options that such a reply mentions are not
// chosen; it may still state one ("... but the most likely answer is B"). A remark that no medical
// advice is given declines nothing.
bool declines(const ReplyChoices& reply);

// The same, or the first sentence tells of anything that cannot be done or is not there. Then an
// option's name alone is no answer.
bool hesitates(const ReplyChoices& reply);

// Whether the sentence of what was found declines before it comes to it: "I cannot tell which of A,
// B, C or D is correct", "please tell me whether the answer is B"; not after a "but".
// Word `i` is where the statement begins.
bool is_declined(const ReplyChoices& reply, size_t i, const Finding& found);

// Whether the sentence of what was found decides: "my best guess", "most likely", "I would choose".
bool decides(const ReplyChoices& reply, size_t i, const Finding& found);

}  // namespace lmc::reading
