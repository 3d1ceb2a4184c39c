// A question before findings are drawn for it: its words, and which findings have which outcome.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>

#include "phantom/question.h"  // Question, Target

namespace lmc::phantom {

struct Draft {
  std::string kind;
  std::string text;
  std::array<std::string, kNumOptions> outcomes;  // the option text of each outcome: one word
  // The outcome of these findings, or nothing when the question cannot be asked about them.
  std::function<std::optional<int>(const Findings&)> outcome_of;
  // The steps of reasoning, as sentences; finish() adds " Conclusion: <outcome> <letter>."
  std::function<std::string(const Findings&)> steps_of;
};

// Draws findings until they have the wanted outcome, and deals the options around it.
Question finish(const Draft& draft, Target target, Random& random);

}  // namespace lmc::phantom
