// The ways in which a reply states which option it chooses.
#pragma once

#include <cstddef>
#include <optional>

#include "reading/reply_choices.h"  // ReplyChoices, Finding

namespace lmc::reading {

// A rule looks at one word of a reply and tells what a statement that begins there says.
using Rule = std::optional<Finding> (*)(const ReplyChoices&, size_t);

// "Answer: B" or "The final answer: B" at the beginning of a line.
std::optional<Finding> answer_line(const ReplyChoices& reply, size_t i);

// "The answer is B", "the best option would be (B)", "not A but B", "Answer B.", "the closest is
// B"; "none of the provided options is correct", too.
std::optional<Finding> answer_statement(const ReplyChoices& reply, size_t i);

// "B is correct", "option B. Pneumonia is the most likely cause", "B. Pneumonia: correct", "all but
// B are wrong".
std::optional<Finding> verdict(const ReplyChoices& reply, size_t i);

// "The most likely diagnosis is:\n\nB. Pneumonia", "I would choose B", "That leaves B", "Hence, B."
std::optional<Finding> conclusion(const ReplyChoices& reply, size_t i);

// An option named by letter and text inside a sentence: "consistent with B. Pneumonia", "a systolic
// murmur (C)". At the beginning of a line this is a heading of a list that weighs all options.
std::optional<Finding> full_mention(const ReplyChoices& reply, size_t i);

// "consistent with option B"
std::optional<Finding> option_mention(const ReplyChoices& reply, size_t i);

// What the last statement of a kind says, from word `from` on. Questions and suppositions
// (reply_sentences.h) state nothing; what holds under a condition counts where nothing else is
// said.
std::optional<Finding> last_of(const ReplyChoices& reply, Rule rule, size_t from = 0);

// What all statements of a kind agree on, from word `from` on.
std::optional<Finding> agreed(const ReplyChoices& reply, Rule rule, size_t from = 0);

}  // namespace lmc::reading
