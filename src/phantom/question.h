// Questions about the world, each with four options, one of them right.
//
// Two sorts. Single-finding questions ask for one thing that can be seen; composite questions state
// a rule of the kind clinics use (points, comparison, priority, sides) whose outcome follows from
// several findings. Nothing about the answer can be learnt from words: the outcome is chosen first,
// then findings that have it are drawn, and the options are dealt around its letter.
// Threads: pure functions; a Random belongs to one thread.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"    // Random
#include "phantom/world.h"  // Findings

namespace lmc::phantom {

inline constexpr int kNumOptions = 4;

struct Question {
  std::string kind;  // one of single_kinds() or rule_families()
  Findings findings;
  std::string text;
  std::array<std::string, kNumOptions> options;
  char answer = 'A';
  std::string reasoning;  // the steps from what is seen to the option and its letter
};

// What is asked for: the outcome the findings shall have and the letter it shall stand at.
struct Target {
  int outcome = 0;       // 0 .. 3
  int letter_index = 0;  // 0 .. 3: A .. D
};

const std::vector<std::string>& single_kinds();
const std::vector<std::string>& rule_families();

Question make_single(std::string_view kind, Target target, Random& random);
Question make_composite(std::string_view family, Target target, Random& random);

}  // namespace lmc::phantom
