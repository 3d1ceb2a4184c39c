// Whether confidence means what it says: of the answers given with 80 %, are 80 % right?
//
// All metrics are over the answers that have a confidence. One that is not defined (no such answer;
// for the AUROC, answers that are all right or all wrong) is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "eval/confidence.h"    // GradedAnswer, OptionScores
#include "record/confidence.h"  // ConfidenceBin

namespace lmc::eval {

enum class Bins {
  kEqualWidth,  // (0, 1/m], (1/m, 2/m], ...; 0 itself is in the first
  // Cut at the confidences of rank j * (n - 1) / m, rounded down, so that each bin holds about as
  // many answers; equal confidences stay together, in the lower bin.
  kEqualMass,
};

// Bins without answers are left out.
std::vector<record::ConfidenceBin> reliability_table(std::span<const GradedAnswer> answers,
                                                     Bins bins, int num_bins = 15);

// Mean over the answers of their bin's |accuracy - mean confidence| (ECE), and the largest one
// (MCE); nothing for no bins. Both depend on the bins, and the ECE is above zero by chance alone.
// Source: Naeini, Cooper and Hauskrecht, AAAI (2015) 2901; equal mass: Nixon et al., CVPR
// Workshops (2019).
std::optional<double> expected_calibration_error(std::span<const record::ConfidenceBin> table);
std::optional<double> maximum_calibration_error(std::span<const record::ConfidenceBin> table);

// Mean square of confidence less 1 (right) or 0 (wrong).
// Source: Brier, Mon. Weather Rev. 78 (1950) 1, in the form for an event and its absence that
// counts one of them.
std::optional<double> brier_score(std::span<const GradedAnswer> answers);

// Mean negative natural logarithm of the probability given to what was the case. Probabilities are
// kept off 0 and 1 by 2^-52, as scikit-learn does: one certain error costs 36, not everything.
std::optional<double> negative_log_likelihood(std::span<const GradedAnswer> answers);

// Probability that a right answer has a higher confidence than a wrong one, ties counting half: the
// area under the ROC curve, by the Mann-Whitney statistic. It does not see calibration.
std::optional<double> auroc(std::span<const GradedAnswer> answers);

// The same two over all options of a question, of which the gold one is the case. Brier's original
// form: the squares are summed over the options, 0 to 2.
std::optional<double> brier_score(std::span<const OptionScores> questions, double temperature = 1);
std::optional<double> negative_log_likelihood(std::span<const OptionScores> questions,
                                              double temperature = 1);

struct ConfidenceMetrics {
  int64_t answers = 0;             // with a confidence
  int64_t without_confidence = 0;  // left out of all below
  std::optional<double> accuracy;
  std::optional<double> mean_confidence;
  std::optional<double> ece;           // equal width
  std::optional<double> adaptive_ece;  // equal mass
  std::optional<double> mce;           // equal width
  std::optional<double> brier;
  std::optional<double> nll;
  std::optional<double> auroc;
  std::vector<record::ConfidenceBin> table;  // equal width
};

ConfidenceMetrics confidence_metrics_of(std::span<const GradedAnswer> answers, int num_bins = 15);

}  // namespace lmc::eval
