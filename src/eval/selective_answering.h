// Answering only when sure enough: how many questions are answered (coverage), and how many of the
// answers are wrong (risk).
//
// Answers of equal confidence stand or fall together: no threshold can part them. A question
// without a confidence is held back at every threshold; in the areas it ranks below all others.
// Source: El-Yaniv and Wiener, JMLR 11 (2010) 1605; areas: Geifman, Uziel and El-Yaniv, ICLR
// (2019).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "eval/confidence.h"  // GradedAnswer

namespace lmc::eval {

// What comes of answering where the confidence is at least `threshold`.
struct OperatingPoint {
  double threshold = 0;
  int64_t answered = 0;
  int64_t wrong = 0;    // of those answered
  double coverage = 0;  // answered of all questions, also those without a confidence
  double risk = 0;      // wrong of answered
};

struct RiskCoverage {
  int64_t questions = 0;
  int64_t without_confidence = 0;
  std::vector<OperatingPoint> points;  // one for each confidence that occurs, the surest first
  // Mean over k = 1 .. questions of the risk when the k surest are answered (AURC); of answers of
  // equal confidence, the mean over their orders.
  double area = 0;
  // The area less the least that this many wrong answers allow, when all right ones rank first.
  double excess_area = 0;
};

// Nothing for no questions.
std::optional<RiskCoverage> risk_coverage(std::span<const GradedAnswer> answers);

// The largest coverage at which the risk on these very questions is at most `target`. On new
// questions it will be exceeded about half of the time: the threshold was chosen for its luck here.
// Nothing when no threshold does.
std::optional<OperatingPoint> widest_at_observed_risk(const RiskCoverage& curve, double target);

struct PromisedPoint {
  OperatingPoint point;
  double risk_bound = 0;  // what the risk on new questions exceeds with at most the chance below
};

// The largest coverage at which the risk on new questions of the same kind is at most `target`,
// except in a part 1 - level of all samples that a threshold might be chosen on.
//
// At most 20 thresholds are looked at, those at every twentieth of the answers that have a
// confidence, so that which ones they are does not depend on what is right. Each gets the one-sided
// upper limit of Clopper and Pearson at 1 - (1 - level) / thresholds (Bonferroni), so that all
// limits hold together, and choosing the best costs nothing. Questions count as independent:
// several on one image group make the promise weaker. Nothing when no threshold is safe, as with
// few questions.
std::optional<PromisedPoint> widest_at_promised_risk(const RiskCoverage& curve, double target,
                                                     double level = 0.95);

}  // namespace lmc::eval
