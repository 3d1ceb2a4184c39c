// From the answers under changed images and options to metrics. Needs no model.
//
// With a^c_i the letter given to question i under condition c, y_i the gold letter:
//   VRS  = Acc_real - Acc_shuffled                     visual reliance, -1 to 1
//   IS   = mean of 1[a^real_i != a^shuffled_i]         image sensitivity, whatever is right
//   HVRR = mean of 1[v_i and a^real_i = a^shuffled_i]  claims what did not count, over all replies
// where v_i says that the reply to the real image makes a visual claim (visual_claim.h). With
// several shuffles the mean is over pairs of question and shuffle. Accuracies in a difference or a
// ratio are over the questions put under both conditions.
// Source: arXiv 2603.03437 for these four and blank retention. Other work uses the same names for
//         other things; so each metric carries its formula.
// Detail: a reply without a letter is wrong, and differs from every letter but not from another
//         reply without one. IS and HVRR are therefore given twice, the second time without the
//         pairs in which neither reply has a letter ("IS, unread pairs left out"). A question that
//         could not be put is left out.
// Intervals of differences and shares are from a bootstrap over image groups
// (eval/cluster_bootstrap.h), of accuracies by Wilson.
#pragma once

#include <span>
#include <string>

#include "record/grounding.h"  // GroundingResult
#include "record/probe.h"      // ProbeAnswer

namespace lmc::grounding {

// `name` is left empty; so are the metrics of maps and of changed reasoning. `reply` says how the
// answers were got ("answer" or "reasoning"): HVRR needs replies.
// Errors: InputError when no question was put with its real image, or when a question's letters are others
// under one condition than under another.
record::GroundingResult measure_grounding(std::span<const record::ProbeAnswer> probes,
                                          const std::string& reply);

// Half the sum over the letters of the differences between two softmaxes over a question's options:
// 0 the same, 1 disjoint. Both hold the same letters.
double total_variation(const std::map<char, double>& log_probability,
                       const std::map<char, double>& other);

}  // namespace lmc::grounding
