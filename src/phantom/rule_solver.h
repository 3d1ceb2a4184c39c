// Answers any phantom question from its words and the true findings, by reading the rule in the
// text.
//
// It shares no code with the makers of questions, so that "the solver answers every question" says
// that text, findings and answer belong together.
// Errors: InputError when the text is not a question of this world.
// Threads: pure function.
#pragma once

#include <array>
#include <string>

#include "phantom/world.h"  // Findings

namespace lmc::phantom {

// The text of the right answer, as an option words it.
std::string solve(const std::string& question, const Findings& findings);

}  // namespace lmc::phantom
