// How sure a run was of each answer: what the metrics of calibration and of selective answering are
// computed from.
//
// The confidence in an answer is the probability of its letter among the question's options, from
// the letters' log-probabilities (softmax over the options alone).
// A question has no confidence when no answer could be read, or the run kept no log-probabilities.
// Such questions are counted and left out of the metrics of calibration; selective answering holds
// them back first. They still count in accuracy.
// Units: natural logarithms.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "record/answer.h"  // Answer

namespace lmc::eval {

struct GradedAnswer {
  std::optional<double> confidence;  // 0 to 1
  bool right = false;
};

// Of one question, in the order of the letters.
struct OptionScores {
  // Up to a common constant; minus infinity for an option that cannot be, but not for all.
  std::vector<double> log_probability;
  size_t gold = 0;   // the place of the gold option
  size_t given = 0;  // of the answer
};

// Softmax of log_probability / temperature. A temperature above 1 makes them more alike; an option
// of probability zero keeps it.
std::vector<double> option_probabilities(std::span<const double> log_probability,
                                         double temperature = 1);

// Nothing when the answer or the gold letter has no log-probability.
std::optional<OptionScores> option_scores(const record::Answer& answer);

// Of the answers that have them.
std::vector<OptionScores> all_option_scores(std::span<const record::Answer> answers);

GradedAnswer graded(const record::Answer& answer);

}  // namespace lmc::eval
