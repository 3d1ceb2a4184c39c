#include "eval/letter_skill.h"

#include <algorithm>

#include "base/check.h"  // LMC_CHECK

namespace lmc::eval {

LetterSkill letter_skill(const std::map<char, record::Proportion>& by_gold) {
  int64_t correct = 0;
  int64_t total = 0;
  int64_t commonest = 0;
  int letters = 0;
  double accuracies = 0;
  for (const auto& [letter, share] : by_gold) {
    LMC_CHECK(share.correct >= 0 && share.correct <= share.total, letter, ": ", share.correct,
              " of ", share.total);
    if (share.total == 0) continue;
    ++letters;
    correct += share.correct;
    total += share.total;
    commonest = std::max(commonest, share.total);
    accuracies += static_cast<double>(share.correct) / static_cast<double>(share.total);
  }
  LetterSkill skill;
  if (total == 0) return skill;
  const auto n = static_cast<double>(total);
  skill.accuracy = static_cast<double>(correct) / n;
  skill.balanced_accuracy = accuracies / letters;
  skill.prior = static_cast<double>(commonest) / n;
  if (commonest < total) {
    skill.above_prior =
        static_cast<double>(correct - commonest) / static_cast<double>(total - commonest);
  }
  return skill;
}

}  // namespace lmc::eval
