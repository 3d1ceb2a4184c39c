// From answers to metrics. Needs no model: any answers.jsonl can be scored again.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval/arm_runs.h"       // ArmOptions
#include "record/answer.h"       // Answer
#include "record/calibration.h"  // Calibration
#include "record/question.h"     // Question
#include "record/result.h"       // Result, Comparison

namespace lmc::eval {

// Every question counts, those without an answer as wrong. Answers stand in the questions' order.
// Confidence is described as the model gave it, or as `calibration` corrects it. `name` and `mode`
// are left empty.
record::Result score(std::span<const record::Answer> answers,
                     std::span<const record::Question> questions,
                     const std::optional<record::Calibration>& calibration = {});

// The questions both runs have, paired by id.
// Errors: InputError when a question's gold letter differs between the two.
record::PairComparison compare(std::span<const record::Answer> first,
                               std::span<const record::Answer> second);

// Reads result.json and answers.jsonl of each run folder and compares each pair; pairs without a
// common question are left out. Holm's adjustment counts all pairs. `arms`: which runs are seeds of
// one arm.
record::Comparison compare_runs(const std::vector<std::string>& folders,
                                const ArmOptions& arms = {});

}  // namespace lmc::eval
