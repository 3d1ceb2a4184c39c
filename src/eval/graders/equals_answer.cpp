#include "eval/graders/equals_answer.h"

#include "eval/graders/python_text.h"  // lower_case, strip
#include "text/unicode.h"              // decode_utf8

namespace lmc::eval {

bool equals_answer(std::u32string_view prediction, char letter, std::string_view text) {
  const std::u32string said = lower_case(strip(prediction));
  const auto is = [&](const std::string& answer) {
    const std::u32string decoded = text::decode_utf8(answer);
    return said == lower_case(strip(decoded));
  };
  return is(std::string(1, letter) + ". " + std::string(text)) || is(std::string(1, letter)) ||
         is(std::string(text));
}

Verdict grade_prediction(const ReplyToGrade& one, std::u32string_view prediction) {
  Verdict verdict;
  for (const auto& [letter, text] : one.options) {
    if (!equals_answer(prediction, letter, text)) continue;
    if (!verdict.letter) verdict.letter = letter;
    if (std::string_view(&letter, 1) == one.gold) verdict.correct = true;
  }
  if (verdict.letter) verdict.basis = Basis::kRead;
  return verdict;
}

}  // namespace lmc::eval
