#include "eval/run_confidence.h"

#include <algorithm>
#include <vector>

#include "base/check.h"  // cat
#include "eval/calibration.h"
#include "eval/confidence.h"
#include "eval/confidence_metrics.h"
#include "eval/prediction_set.h"  // measure_prediction_sets
#include "eval/selective_answering.h"

namespace lmc::eval {

namespace {

constexpr size_t kMaxPoints = 200;  // of the curve: more than a plot shows
constexpr double kRiskTargets[] = {0.05, 0.1, 0.2, 0.3};

record::CoveragePoint to_record(const OperatingPoint& point) {
  return {point.threshold, point.coverage, point.risk};
}

std::vector<GradedAnswer> graded_answers(std::span<const record::Answer> answers,
                                         const std::optional<record::Calibration>& calibration) {
  std::vector<GradedAnswer> all;
  for (const record::Answer& answer : answers) {
    all.push_back(graded(answer));
    if (!calibration) continue;
    if (const auto scores = option_scores(answer)) {
      all.back().confidence = calibrated_confidence(*calibration, *scores);
    }
  }
  return all;
}

void describe_risk(std::span<const GradedAnswer> answers, record::Confidence& confidence) {
  const auto curve = risk_coverage(answers);
  if (!curve) return;
  confidence.risk_coverage_area = curve->area;
  confidence.excess_area = curve->excess_area;
  const size_t count = curve->points.size();
  const size_t kept = std::min(count, kMaxPoints);
  for (size_t i = 0; i < kept; ++i) {
    // First and last stay.
    const size_t place = kept == 1 ? 0 : i * (count - 1) / (kept - 1);
    confidence.curve.push_back(to_record(curve->points[place]));
  }
  for (const double target : kRiskTargets) {
    record::RiskPromise promise{target, std::nullopt, 0};
    if (const auto promised = widest_at_promised_risk(*curve, target)) {
      promise.point = to_record(promised->point);
      promise.risk_bound = promised->risk_bound;
    }
    confidence.promises.push_back(promise);
  }
}

}  // namespace

std::optional<record::Confidence> run_confidence(
    std::span<const record::Answer> answers,
    const std::optional<record::Calibration>& calibration) {
  const std::vector<GradedAnswer> graded = graded_answers(answers, calibration);
  const ConfidenceMetrics metrics = confidence_metrics_of(graded);
  if (metrics.answers == 0) return std::nullopt;
  record::Confidence confidence;
  confidence.answers = metrics.answers;
  confidence.without_confidence = metrics.without_confidence;
  confidence.mean_confidence = metrics.mean_confidence;
  confidence.ece = metrics.ece;
  confidence.adaptive_ece = metrics.adaptive_ece;
  confidence.mce = metrics.mce;
  confidence.brier = metrics.brier;
  confidence.nll = metrics.nll;
  confidence.auroc = metrics.auroc;
  confidence.table = metrics.table;
  describe_risk(graded, confidence);
  if (calibration) {
    const std::vector<OptionScores> scores = all_option_scores(answers);
    for (const record::PredictionSetRule& rule : calibration->prediction_sets) {
      confidence.prediction_sets.push_back(measure_prediction_sets(rule, scores));
    }
    const bool by_temperature = calibration->method == record::CalibrationMethod::kTemperature;
    confidence.calibration = cat(by_temperature ? "temperature" : "Platt", " scaling, fitted on ",
                                 calibration->num_items, " questions of ", calibration->fitted_on);
  }
  return confidence;
}

}  // namespace lmc::eval
