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
//   1. what follows the last "wait, ..." or "on second thought", by rules 2 to 4 or as a conclusion;
//   2. the last answer line: "Answer: B", \boxed{B}, <answer>B</answer>;
//   3. the last statement: "the answer is B", "none of the options is right" (no letter, unless that
//      is an option's text); an error message has no answer from here on;
//   4. an option's text that is all of the reply, a letter that leads: "B", "B.", "(B) because";
//   5. verdicts ("B is correct"), then conclusions ("the diagnosis is: B"), then a choice that is the
//      last line, then options named by letter and text, then "option B", each only if all of its
//      kind agree;
//   6. in a reply that does not decline, one option's text that is not denied and no other's, or in
//      a short one one letter or number and no other.
// Statements are known in English and in the forms of reply_languages.h.
// What stands in a <think> block does not count. A block that was cut short counts as open only if
// its <think> is there: Processor::whole_reply puts it back.
std::optional<char> answer_letter(std::string_view reply,
                                  const std::map<char, std::string>& options);

// The part of a reply before its answer line, without <think> tags: what a reader checks.
std::string reasoning_of(std::string_view reply);

}  // namespace lmc::prompt
