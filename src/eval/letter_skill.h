// What of an accuracy the letters alone could have brought: a test in which B is right more often
// than D rewards whoever prefers B.
#pragma once

#include <map>
#include <optional>

#include "record/result.h"  // Proportion

namespace lmc::eval {

struct LetterSkill {
  double accuracy = 0;
  // Mean over the gold letters of the accuracy on their questions: always giving one letter brings
  // 1 / letters.
  // Source: Brodersen et al., ICPR (2010) 3121.
  double balanced_accuracy = 0;
  // Accuracy of always giving the commonest gold letter: the best that a constant can do here.
  double prior = 0;
  // (accuracy - prior) / (1 - prior): 1 all right, 0 as good as that constant, below 0 worse.
  // Nothing where one letter is always right, and nothing can be above it.
  std::optional<double> above_prior;
};

// From the share of right answers by gold letter; letters without questions do not count.
// All is zero for no questions.
LetterSkill letter_skill(const std::map<char, record::Proportion>& by_gold);

}  // namespace lmc::eval
