// What names the figure of an answer.
#pragma once

#include <string>

#include "record/answer.h"  // Answer

namespace lmc::eval {

// Answers of earlier versions do not name their figure: each is its own.
inline std::string figure_of_answer(const record::Answer& answer) {
  return answer.figure.empty() ? answer.question_id : answer.figure;
}

}  // namespace lmc::eval
