// From answers to figures. Needs no model: any answers.jsonl can be scored again.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "record/answer.h"    // Answer
#include "record/question.h"  // Question
#include "record/result.h"    // Result, Comparison

namespace lmc::eval {

// Every question counts, those without an answer as wrong. Answers stand in the questions' order.
// `name` and `mode` are left empty.
record::Result score(std::span<const record::Answer> answers,
                     std::span<const record::Question> questions);

// The questions both runs have, paired by id.
// Errors: InputError when a question's gold letter differs between the two.
record::PairComparison compare(std::span<const record::Answer> first,
                               std::span<const record::Answer> second);

// Reads result.json and answers.jsonl of each run folder and compares each pair; pairs without a
// common question are left out.
record::Comparison compare_runs(const std::vector<std::string>& folders);

}  // namespace lmc::eval
