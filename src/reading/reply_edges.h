// A choice that opens a reply or closes it, stated by its place alone.
#pragma once

#include <cstddef>
#include <optional>

#include "reading/reply_choices.h"  // ReplyChoices, Finding

namespace lmc::reading {

// "B", "(B) because", "B. Pneumonia" at the beginning of what starts at word `from`; "Pneumonia."
// or "Pneumonia (B)." as the first sentence. Other options may follow as long as they do not make
// it the first of a list that weighs them all.
std::optional<Finding> leading_choice(const ReplyChoices& reply, size_t from);

// A letter, or letter and text, as the last line or sentence; not as the end of a list of options.
std::optional<Finding> closing_choice(const ReplyChoices& reply);

}  // namespace lmc::reading
