// What names the image group of an answer.
#pragma once

#include <string>

#include "record/answer.h"  // Answer

namespace lmc::eval {

// Answers of earlier versions do not name their image group: each is its own.
inline std::string image_group_of_answer(const record::Answer& answer) {
  return answer.image_group.empty() ? answer.question_id : answer.image_group;
}

}  // namespace lmc::eval
