// Where a reply takes something back or leaves it open.
#pragma once

#include <cstddef>

#include "reading/reply_choices.h"  // ReplyChoices, Finding

namespace lmc::reading {

// Words that one statement may span. A reply that ran into a loop can be one endless sentence.
inline constexpr size_t kSentenceWords = 80;

// What joins an answer to what is asked: "is", a colon.
bool is_link(const ReplyChoices& reply, size_t i);

// Whether the colon at `i` announces the options: "Given the options:", but not "Of these options,
// the best is:".
bool announces_options(const ReplyChoices& reply, size_t i);

bool is_negation(const ReplyChoices& reply, size_t i);  // "not", "cannot"
bool is_denial(const ReplyChoices& reply, size_t i);    // these, and "wrong", "unlikely"

// A negation, but not where a noun is described: "the structure not observed is C" states C.
bool negates_statement(const ReplyChoices& reply, size_t i);

// Whether the clause up to word `i` negates: "it cannot be". (A clause may well ask for what is
// wrong: "the incorrect statement is".)
bool clause_negates(const ReplyChoices& reply, size_t i);

// The same, or the clause asks: "whether it is", "if it is".
bool clause_leaves_open(const ReplyChoices& reply, size_t i);

// Whether what ends before word `i` is called wrong right after: "B is incorrect".
bool denied_after(const ReplyChoices& reply, size_t i);

// Whether the text of an option is mentioned as what is not so, or not known to be: "no effusion",
// "an effusion was excluded", "whether there is an effusion", "is it an effusion?"
bool text_is_denied(const ReplyChoices& reply, const Finding& text);

// Whether the option is called normal right after: "the liver is normal". Beside another option it
// is set aside by this.
bool is_called_normal(const ReplyChoices& reply, const Finding& text);

// The word after the last one that takes back what stands before it: "Wait, ...", "on second
// thought"; 0: none.
size_t after_correction(const ReplyChoices& reply);

}  // namespace lmc::reading
