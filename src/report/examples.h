// Questions to show: some that all runs get right, some that tell the runs apart, some that all get
// wrong.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "record/answer.h"    // Answer
#include "record/question.h"  // Question

namespace lmc::report {

struct Example {
  const record::Question* question = nullptr;
  std::vector<const record::Answer*> answers;  // one a run; null: not asked
};

// Up to `count` questions, taken in turn from each pattern of right and wrong over the runs and
// evenly through the file, then put in the file's order. Always the same ones for the same answers.
std::vector<Example> pick_examples(std::span<const record::Question> questions,
                                   const std::vector<std::vector<record::Answer>>& answers_by_run,
                                   size_t count);

// One article of the page.
std::string example_html(const Example& example, const std::vector<std::string>& run_names);

// The probability of each option, all of them together 1; empty without log-probabilities.
std::map<char, double> option_probabilities(const record::Answer& answer);

}  // namespace lmc::report
