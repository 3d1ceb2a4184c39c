// MedVLThinker's comparison of a prediction with one answer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "eval/graders/extractor.h"  // ReplyToGrade, Verdict

namespace lmc::eval {

// Whether the prediction is, blanks around it and case apart, "A. text", "A" or "text".
// Source: UCSC-VLAA/MedVLThinker @ a3163b1, grade_answer() of eval/run_offline_inference_v2.py and
//         of analysis/regrade_eval_results.py without its rule for LLaVA-Med.
bool equals_answer(std::u32string_view prediction, char letter, std::string_view text);

// Right if the prediction equals the gold answer. Its letter is the first option that it equals:
// with options that are letters themselves that may be another.
Verdict grade_prediction(const ReplyToGrade& one, std::u32string_view prediction);

}  // namespace lmc::eval
