// Reply text to answer letter: the only way out.
//
// A reply that names no option, names two, refuses, or is an error message of a server has no
// answer: never a default letter.
//
//   reply     = [thinking "</think>"] own-turn [invented-turns]
//   choice    = text | letter [mark] [its text] | text "(" its letter ")"
//   place     = the longest choice there: the text "B cells", "C. difficile" or "A and B" beats the
//               letter that it begins with. Two choices joined by "or", "and", "," are none
//   letter    = a capital of an option, or a small one where nothing but a mark follows; not in a
//               name ("B cells", the D of an option "Vitamin D")
//   text      = an option's text, folded no further than tells the options apart (option_texts.h)
//
// What does not count, whichever rule would read it:
//   - what stands in a <think> block (one that was cut short is known by its <think> alone:
//     Processor::whole_reply puts it back), and before "Assistant:" in a repeated prompt;
//   - what follows a turn's end ("User:", a chat token), or, once the reply has stated something, a
//     next question ("Question:", "Q2:", a question with options below it; "Case 2:", "2. Which
//     ...?" and the like only between two answer lines) (reply_turns.h);
//   - rhetorical questions and suppositions: "Could it be B?", "if ..., the answer would be B"
//     (reply_sentences.h);
//   - what is denied: "not B", "B is incorrect"; but "the structure not shown is B" states B.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lmc::reading {

// The letter the reply settles on, by the first of these rules that speaks:
//   1. all of the reply is written exactly as one option, and is no lone letter; the same with the
//      option's letter in brackets; an option of signs alone after "Answer:" or "the answer is";
//   2. what follows the last correction, by rules 3, 4 or 5, as a conclusion or as the last line:
//      "wait", "hold on", "actually", "no,", "sorry,", "edit:", "correction:", "I mean B", "scratch
//      that", "I made a mistake", "I apologize for the error", "on second thought", "on closer
//      inspection", "on reflection", "after re-examining", "let me reconsider", "changed my mind",
//      "but it is B";
//   3. the last answer line: "Answer: B", \boxed{B}, <answer>B</answer>;
//   4. the last statement: "the answer is B", "the closest would be B", "none of the options is
//      right" (no letter, unless that is an option's text); an error message has no answer from
//      here on;
//   5. an option's text that is all of the reply; a choice that leads: "B", "B.", "(B) because",
//      "Spleen (B)." as the first sentence. That the others follow does not matter, unless the
//      choice is but the first of a list that weighs them;
//   6. verdicts ("B is correct"), then conclusions ("the diagnosis is: B"), each only if all of its
//      kind agree;
//   7. from here on nothing is read from a reply that declines or asks for what is missing
//      (reply_refusals.h), and rules 4 and 6 read only sentences of it that decide without an "if";
//   8. a choice that is the last line, then options named by letter and text, then "option B", each
//      only if all of its kind agree;
//   9. in a reply that does not hesitate, one option's text that is not denied and no other's, or
//      in a short one one letter or number and no other.
// Statements are known in English and in the forms of reply_languages.h.
std::optional<char> answer_letter(std::string_view reply,
                                  const std::map<char, std::string>& options);

// The part of a reply before its answer line, without <think> tags: what a reader checks.
std::string reasoning_of(std::string_view reply);

}  // namespace lmc::reading
