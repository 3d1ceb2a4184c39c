#include "phantom/draft.h"

#include <utility>
#include <vector>

#include "base/check.h"  // LMC_CHECK

namespace lmc::phantom {

namespace {

// The rarest outcome of the rarest question has a prior above 1 in 100; a million misses is a bug.
constexpr int kMaxDraws = 1000000;

Findings draw_findings(const Draft& draft, int outcome, Random& random) {
  for (int i = 0; i < kMaxDraws; ++i) {
    Findings findings = sample_findings(random);
    if (draft.outcome_of(findings) == outcome) return findings;
  }
  throw InternalError(cat("no findings have outcome ", outcome, " of: ", draft.text));
}

}  // namespace

Question finish(const Draft& draft, Target target, Random& random) {
  LMC_CHECK(target.outcome >= 0 && target.outcome < kNumOptions, "outcome ", target.outcome);
  LMC_CHECK(target.letter_index >= 0 && target.letter_index < kNumOptions, "letter ",
            target.letter_index);
  Question question;
  question.kind = draft.kind;
  question.text = draft.text;
  question.findings = draw_findings(draft, target.outcome, random);
  question.answer = static_cast<char>('A' + target.letter_index);
  question.reasoning = cat(draft.steps_of(question.findings),
                           " Conclusion: ", draft.outcomes[static_cast<size_t>(target.outcome)],
                           " ", question.answer, ".");

  std::vector<std::string> others;
  for (int i = 0; i < kNumOptions; ++i) {
    if (i != target.outcome) others.push_back(draft.outcomes[static_cast<size_t>(i)]);
  }
  random.shuffle(others);
  for (int i = 0; i < kNumOptions; ++i) {
    std::string& option = question.options[static_cast<size_t>(i)];
    if (i == target.letter_index) {
      option = draft.outcomes[static_cast<size_t>(target.outcome)];
    } else {
      option = std::move(others.back());
      others.pop_back();
    }
  }
  return question;
}

}  // namespace lmc::phantom
