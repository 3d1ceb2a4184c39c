// The letter that the model finds likeliest at the answer's place; nothing is read.
//
// Source: the usual practice of harnesses that score options (lm-evaluation-harness and others take
//         numpy's argmax); no single script.
//
// Detail: of equal letters the first wins, as argmax has it. Logits in bf16 are often equal.
// Detail: only the question's own letters count. Without any finite value there is no answer.
#include <cmath>

#include "eval/graders/published_extractors.h"

namespace lmc::eval {

Verdict likelihood(const ReplyToGrade& one) {
  Verdict verdict;
  double highest = 0;
  for (const auto& [letter, value] : one.letter_log_probability) {
    if (!one.options.contains(letter) || !std::isfinite(value)) continue;
    if (verdict.letter && value <= highest) continue;
    verdict.letter = letter;
    highest = value;
  }
  if (verdict.letter) {
    verdict.correct = std::string_view(&*verdict.letter, 1) == one.gold;
    verdict.basis = Basis::kLikelihood;
  }
  return verdict;
}

}  // namespace lmc::eval
