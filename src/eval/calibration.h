// Confidence that means what it says: fitted on questions kept apart, then used on others.
//
// Neither way changes which answer is given, and Platt's with a slope above zero keeps their order:
// accuracy stays, and with Platt's the AUROC and the risk-coverage curve as well.
// Units: natural logarithms.
#pragma once

#include <optional>
#include <span>

#include "eval/confidence.h"     // GradedAnswer, OptionScores
#include "record/calibration.h"  // Calibration

namespace lmc::eval {

// Temperatures are looked for between these; one at an end says that the best lies beyond it, as
// when all answers are right (the lower) or the options' order is worse than chance (the upper).
inline constexpr double kLowestTemperature = 0.01;
inline constexpr double kHighestTemperature = 100;

// The temperature with the least mean negative log-likelihood of the gold options.
// The likelihood is concave in 1 / temperature, so its slope has one zero, found by bisection.
// Left out and counted: questions whose gold option has probability zero, at any temperature.
// Nothing when no question is left. Fitted_on stays empty.
// Source: Guo, Pleiss, Sun and Weinberger, ICML (2017) 1321.
std::optional<record::Calibration> fit_temperature(std::span<const OptionScores> questions);

enum class PlattTargets {
  kLabels,  // 1 for right and 0 for wrong: plain logistic regression
  // (right + 1) / (right + 2) and 1 / (wrong + 2): as if each class had been seen once more on the
  // other side. Always has a fit, however few the answers.
  kSmoothed,
};

// P(right) = 1 / (1 + exp(-(slope * logit(confidence) + intercept))), by maximum likelihood without
// a penalty (Newton). Confidences are kept off 0 and 1 by 1e-6, where the logit ends at 13.8: those
// that round to 1 would otherwise decide the fit.
// Left out and counted: answers without a confidence. Nothing when all confidences are the same,
// and, for kLabels, when a threshold parts right from wrong, for then no slope is steep enough.
// Source: Platt, Advances in Large Margin Classifiers (1999) 61; with the confidence's logit for
// the machine's output.
std::optional<record::Calibration> fit_platt(std::span<const GradedAnswer> answers,
                                             PlattTargets targets = PlattTargets::kSmoothed);

double platt_confidence(const record::Calibration& calibration, double confidence);

// The calibrated confidence in the answer that was given, by either method.
double calibrated_confidence(const record::Calibration& calibration, const OptionScores& question);

}  // namespace lmc::eval
