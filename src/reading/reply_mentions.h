// What can be read from a reply that states nothing.
#pragma once

#include <optional>

#include "reading/reply_choices.h"  // ReplyChoices, Finding

namespace lmc::reading {

// The only option that the reply names without denying it: by its text, or in a short reply by its
// letter or its number.
std::optional<Finding> only_mention(const ReplyChoices& reply);

}  // namespace lmc::reading
