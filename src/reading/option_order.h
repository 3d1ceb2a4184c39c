// Options in another order: which may move, where they go, and how often each letter is the answer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"      // Random
#include "prompt/question.h"  // QuestionText

namespace lmc::reading {

// The letters whose options may change places, ascending. Options that name others ("both A and B")
// fix them all; "none of the above" stays where it is, the last, and fixes all when it is not.
std::string movable_letters(const prompt::QuestionText& text);

// The new letter of each option. `gold` gets `new_gold`, the other movable ones any place.
// Both must be movable or the same.
std::map<char, char> draw_letters(const prompt::QuestionText& text, const std::string& movable,
                                  char gold, char new_gold, Random& random);

// A letter for each question out of those it may take, so that every letter comes as often as can
// be. Depends on the arguments alone.
std::vector<char> balanced_letters(const std::vector<std::string>& allowed, uint64_t seed,
                                   int64_t epoch);

}  // namespace lmc::reading
