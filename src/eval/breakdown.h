// Accuracy by group: where a run is strong and where it is weak.
#pragma once

#include <map>
#include <span>
#include <string>

#include "record/answer.h"    // Answer
#include "record/question.h"  // Question
#include "record/result.h"    // Proportion

namespace lmc::eval {

// What the question asks for, by the words it begins with: "which", "what", "where", "how many",
// "yes or no", "other". English only; what begins otherwise is "other".
std::string question_type(const std::string& question);

// Kind of group -> group -> share of right answers, for the groups that are known: "modality",
// "question type", "gold letter", "picture size" (side of a square of the same area), "reply
// length" (in tokens; not where no reply was made). Answers stand in the questions' order.
std::map<std::string, std::map<std::string, record::Proportion>> breakdowns(
    std::span<const record::Answer> answers, std::span<const record::Question> questions);

}  // namespace lmc::eval
