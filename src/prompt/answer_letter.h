// Reply text to answer letter: the only way out.
//
// A reply that names no option, names two, refuses, or is an error message of a server has no
// answer: never a default letter.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lmc::prompt {

// The letter the reply settles on, by the first rule that gives exactly one: the last "Answer: X"
// line and its wordings, \boxed{X}, <answer>X</answer>, "the answer is X", a leading "X." or "X)", a
// single letter standing alone, one option's text quoted and no other's.
std::optional<char> answer_letter(std::string_view reply,
                                  const std::map<char, std::string>& options);

// The part of a reply before its answer line, without <think> tags: what a reader checks.
std::string reasoning_of(std::string_view reply);

}  // namespace lmc::prompt
