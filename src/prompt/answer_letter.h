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

// The letter the reply settles on, by the first of these rules that speaks:
//   1. the last answer line: "Answer: B", \boxed{B}, <answer>B</answer>;
//   2. the last statement: "the answer is B", "none of the options is right" (no letter);
//   3. a letter that leads: "B", "B.", "(B) because";
//   4. verdicts ("B is correct"), then conclusions ("the diagnosis is: B"), then options named by
//      letter and text, then "option B", each only if all of its kind agree;
//   5. one option's text and no other's, or in a short reply one letter and no other.
// What stands in a <think> block does not count. A block that was cut short counts as open only if
// its <think> is there: Processor::whole_reply puts it back.
std::optional<char> answer_letter(std::string_view reply,
                                  const std::map<char, std::string>& options);

// The part of a reply before its answer line, without <think> tags: what a reader checks.
std::string reasoning_of(std::string_view reply);

}  // namespace lmc::prompt
