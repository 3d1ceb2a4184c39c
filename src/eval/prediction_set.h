// Sets of options that hold the right one with a stated probability: split conformal prediction.
//
// From n questions kept apart comes one threshold on an option's probability; the set of a new
// question are the options that reach it. The set holds the right option with at least the stated
// probability over questions drawn like those kept apart, whatever the model: a model that knows
// little gets large sets, not wrong ones. It is a promise about questions on average, not about
// each kind of them, and several questions on one image make it weaker.
// The probabilities are the model's own (softmax over the options, temperature 1): a temperature
// fitted on the same questions would cost the promise its proof. The likeliest option is always in
// the set, which can only add to the coverage.
// Source: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World (2005); Sadinle, Lei
//         and Wasserman, JASA 114 (2019) 223, for this score.
// Threads: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/confidence.h"     // OptionScores
#include "record/calibration.h"  // PredictionSetRule
#include "record/confidence.h"   // PredictionSetRow

namespace lmc::eval {

inline constexpr double kSetCoverages[] = {0.8, 0.9, 0.95};

// The threshold is the k-th smallest probability of a gold option, k = floor((n + 1) (1 -
// coverage)); 0, so that every option is in, where that is none: n is too small for the promise.
record::PredictionSetRule fit_prediction_sets(std::span<const OptionScores> questions,
                                              double coverage);

// Between which limits the coverage of 95 of 100 such rules lies, over endless new questions: a rule
// comes from a sample, and each has a coverage of its own, Beta(n + 1 - k, k) distributed for any
// model. To be compared with a measured coverage.
std::array<double, 2> coverage_of_rules(const record::PredictionSetRule& rule);

// The places of the options in the set, the likeliest first; of equally likely ones the first.
std::vector<size_t> prediction_set(const record::PredictionSetRule& rule,
                                   std::span<const double> log_probability);

// What the sets of these questions hold.
record::PredictionSetRow measure_prediction_sets(const record::PredictionSetRule& rule,
                                                 std::span<const OptionScores> questions);

}  // namespace lmc::eval
