// The conditions under which a question is put, and the list of all that a run asks.
//
// | condition          | the image                            | variants                        |
// |--------------------|----------------------------------------|---------------------------------|
// | real               | the question's own                     |                                 |
// | grey, black, white | one value: 128, 0, 255                 |                                 |
// | noise              | Gaussian noise                         |                                 |
// | absent             | none in the prompt                     |                                 |
// | shuffled           | another question's, of the same set    | the shuffle's number, from 0    |
// | shuffled-modality  | the same, of the same modality         | the shuffle's number, from 0    |
// | patch-shuffled     | its cells (visual tokens) out of order |                                 |
// | low-pass, high-pass| coarse or fine structure only          |                                 |
// | rotation           | the own; options moved on by that many places | 1 .. options - 1         |
// | option-hidden      | the own; the right option's text is "None of these" |                    |
// | caption            | the own, and its caption in the prompt |                                 |
//
// Under option-hidden the right letter stays right: nothing else listed is. A model that finds the
// answer by ruling out the others gets it; one that only recognises it does not.
// A caption is put here, under its own condition, and in no other.
// Source: conditions real, blank (grey) and shuffled of arXiv 2603.03437; option-hidden of
//         arXiv 2606.16583.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/question.h"  // Question

namespace lmc::grounding {

enum class Condition {
  kReal,
  kGrey,
  kBlack,
  kWhite,
  kNoise,
  kAbsent,
  kShuffled,
  kShuffledModality,
  kPatchShuffled,
  kLowPass,
  kHighPass,
  kRotation,
  kOptionHidden,
  kCaption,
};

std::string_view condition_name(Condition condition);

// Whether what is shown are pixels of an image file, whatever was done to them.
bool shows_a_file(Condition condition);

// Of the given names, in the table's order and once each; `real` is always there. No names: all for
// which some question has what it takes (a caption, a modality).
// Errors: InputError for an unknown name, and for a named condition no question can be put under.
std::vector<Condition> conditions_from_names(const std::vector<std::string>& names,
                                             const std::vector<record::Question>& questions);

// One question under one condition.
struct Ask {
  size_t question = 0;  // place in the list of questions
  Condition condition = Condition::kReal;
  int64_t variant = 0;
  size_t image = 0;  // the question whose image is shown
};

// All of a run: question by question, the conditions in order. A question that cannot be put under
// a condition (no caption, no other image of its modality) is not asked.
std::vector<Ask> plan_asks(const std::vector<record::Question>& questions,
                           const std::vector<Condition>& conditions, int64_t shuffles,
                           uint64_t seed);

// The question with its options moved on by `places`: the text of A stands at B after one place,
// that of the last letter at the first. The right letter moves along.
record::Question rotated(const record::Question& question, int64_t places);

// The letter of the question's own to which `shown`, of the rotated question, belongs.
char letter_before_rotation(const record::Question& question, int64_t places, char shown);

// The question with "None of these" as the right option's text.
record::Question with_option_hidden(const record::Question& question);

}  // namespace lmc::grounding
