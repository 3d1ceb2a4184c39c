// What an acceptance rule looks at.
#pragma once

#include <string>
#include <string_view>

#include "reading/words.h"       // reading::Words
#include "record/question.h"     // Question
#include "teacher/acceptance.h"  // AcceptanceOptions

namespace lmc::teacher {

struct Candidate {
  const record::Question& question;
  const AcceptanceOptions& options;
  std::string_view whole;   // the reply as it came; the reasoning when there was none
  std::string_view finish;  // as the endpoint says it
  bool declined = false;
  std::string letter;
  std::string reasoning;
  reading::Words words;  // of the reasoning
};

}  // namespace lmc::teacher
