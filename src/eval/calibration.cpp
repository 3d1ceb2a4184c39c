#include "eval/calibration.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"               // LMC_CHECK
#include "eval/confidence_metrics.h"  // negative_log_likelihood

namespace lmc::eval {

namespace {

// How fast the negative log-likelihood of all gold options grows with 1 / temperature: the expected
// log-probability less that of the gold option, summed.
double slope_in_inverse(std::span<const OptionScores> questions, double temperature) {
  double sum = 0;
  for (const OptionScores& question : questions) {
    const auto& scores = question.log_probability;
    const double most = *std::max_element(scores.begin(), scores.end());
    double weights = 0;
    double weighted = 0;
    for (const double score : scores) {
      if (std::isinf(score)) continue;  // has no weight, and no finite part in the sum
      const double weight = std::exp((score - most) / temperature);
      weights += weight;
      weighted += weight * (score - most);
    }
    sum += weighted / weights - (scores[question.gold] - most);
  }
  return sum;
}

// Mean negative log-likelihood of the gold options, which are possible: not cut off where a
// probability is hardly above zero, so that it falls wherever the slope says so.
double mean_nll(std::span<const OptionScores> questions, double temperature) {
  double sum = 0;
  for (const OptionScores& question : questions) {
    const auto& scores = question.log_probability;
    const double most = *std::max_element(scores.begin(), scores.end());
    double weights = 0;
    for (const double score : scores) weights += std::exp((score - most) / temperature);
    sum += std::log(weights) - (scores[question.gold] - most) / temperature;
  }
  return sum / static_cast<double>(questions.size());
}

// Bisects in the logarithm, in which the range is even.
double best_temperature(std::span<const OptionScores> questions) {
  if (slope_in_inverse(questions, kLowestTemperature) < 0) return kLowestTemperature;
  if (slope_in_inverse(questions, kHighestTemperature) >= 0) return kHighestTemperature;
  double low = std::log(kLowestTemperature);
  double high = std::log(kHighestTemperature);
  for (;;) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high) return std::exp(middle);
    (slope_in_inverse(questions, std::exp(middle)) < 0 ? high : low) = middle;
  }
}

// One answer of a logistic regression on x.
struct Point {
  double x;
  double target;
};

double logit(double confidence) {
  constexpr double kMin = 1e-6;
  const double p = std::clamp(confidence, kMin, 1 - kMin);
  return std::log(p / (1 - p));
}

double sigmoid(double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

struct Line {
  double slope = 0;
  double intercept = 0;

  double at(double x) const { return slope * x + intercept; }
};

// Sum of cross-entropies between target and sigmoid(line).
double loss(const std::vector<Point>& points, const Line& line) {
  double sum = 0;
  for (const Point& point : points) {
    const double z = line.at(point.x);
    sum += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - point.target * z;
  }
  return sum;
}

struct NewtonStep {
  Line change;
  double decrement;  // twice by how much the loss would fall, were it a parabola
};

NewtonStep newton_step(const std::vector<Point>& points, const Line& line) {
  double g_slope = 0;
  double g_intercept = 0;
  double h_slope = 0;
  double h_both = 0;
  double h_intercept = 0;
  for (const Point& point : points) {
    const double p = sigmoid(line.at(point.x));
    const double off = p - point.target;
    const double weight = p * (1 - p);
    g_slope += off * point.x;
    g_intercept += off;
    h_slope += weight * point.x * point.x;
    h_both += weight * point.x;
    h_intercept += weight;
  }
  const double determinant = h_slope * h_intercept - h_both * h_both;
  const Line change{-(h_intercept * g_slope - h_both * g_intercept) / determinant,
                    -(h_slope * g_intercept - h_both * g_slope) / determinant};
  return {change, -(g_slope * change.slope + g_intercept * change.intercept)};
}

// The loss is convex with one minimum. Far from it a step is halved until the loss falls; near it
// the loss no longer tells, and full steps double the digits each time.
Line fit_logistic(const std::vector<Point>& points) {
  constexpr int kMaxSteps = 100;
  Line line;
  for (int i = 0; i < kMaxSteps; ++i) {
    const NewtonStep step = newton_step(points, line);
    if (!std::isfinite(step.decrement)) break;  // as flat as numbers get
    const double before = loss(points, line);
    double part = 1;
    const auto moved = [&] {
      return Line{line.slope + part * step.change.slope,
                  line.intercept + part * step.change.intercept};
    };
    while (step.decrement > 1e-6 && part > 1e-9 && !(loss(points, moved()) < before)) part /= 2;
    line = moved();
    if (step.decrement < 1e-24 * static_cast<double>(points.size())) break;
  }
  return line;
}

// Whether one threshold has all right answers on one side of it and all wrong ones on the other.
bool is_separable(const std::vector<Point>& points) {
  double least_right = INFINITY;
  double most_right = -INFINITY;
  double least_wrong = INFINITY;
  double most_wrong = -INFINITY;
  for (const auto& [x, target] : points) {
    double& least = target > 0.5 ? least_right : least_wrong;
    double& most = target > 0.5 ? most_right : most_wrong;
    least = std::min(least, x);
    most = std::max(most, x);
  }
  return most_wrong <= least_right || most_right <= least_wrong;
}

}  // namespace

std::optional<record::Calibration> fit_temperature(std::span<const OptionScores> questions) {
  std::vector<OptionScores> possible;
  for (const OptionScores& question : questions) {
    if (std::isfinite(question.log_probability.at(question.gold))) possible.push_back(question);
  }
  if (possible.empty()) return std::nullopt;
  record::Calibration calibration;
  calibration.method = record::CalibrationMethod::kTemperature;
  calibration.num_items = static_cast<int64_t>(possible.size());
  calibration.num_left_out = static_cast<int64_t>(questions.size() - possible.size());
  const double fitted = best_temperature(possible);
  calibration.nll_before = mean_nll(possible, 1);
  calibration.nll_after = mean_nll(possible, fitted);
  if (calibration.nll_after < calibration.nll_before) {
    calibration.temperature = fitted;
  } else {  // no temperature helps, or all are alike
    calibration.nll_after = calibration.nll_before;
  }
  return calibration;
}

std::optional<record::Calibration> fit_platt(std::span<const GradedAnswer> answers,
                                             PlattTargets targets) {
  std::vector<GradedAnswer> sure;
  double right = 0;
  double wrong = 0;
  for (const GradedAnswer& answer : answers) {
    if (!answer.confidence) continue;
    ++(answer.right ? right : wrong);
    sure.push_back(answer);
  }
  const bool smoothed = targets == PlattTargets::kSmoothed;
  const double if_right = smoothed ? (right + 1) / (right + 2) : 1;
  const double if_wrong = smoothed ? 1 / (wrong + 2) : 0;
  std::vector<Point> points;
  points.reserve(sure.size());
  bool all_same = true;
  for (const GradedAnswer& answer : sure) {
    points.push_back({logit(*answer.confidence), answer.right ? if_right : if_wrong});
    all_same = all_same && points.back().x == points.front().x;
  }
  if (all_same || (!smoothed && is_separable(points))) return std::nullopt;
  const Line line = fit_logistic(points);
  record::Calibration calibration;
  calibration.method = record::CalibrationMethod::kPlatt;
  calibration.slope = line.slope;
  calibration.intercept = line.intercept;
  calibration.smoothed = smoothed;
  calibration.num_items = static_cast<int64_t>(sure.size());
  calibration.num_left_out = static_cast<int64_t>(answers.size() - sure.size());
  calibration.nll_before = *negative_log_likelihood(sure);
  for (GradedAnswer& answer : sure) {
    answer.confidence = platt_confidence(calibration, *answer.confidence);
  }
  calibration.nll_after = *negative_log_likelihood(sure);
  return calibration;
}

double platt_confidence(const record::Calibration& calibration, double confidence) {
  LMC_CHECK(calibration.method == record::CalibrationMethod::kPlatt, "fitted by temperature");
  return sigmoid(calibration.slope * logit(confidence) + calibration.intercept);
}

double calibrated_confidence(const record::Calibration& calibration, const OptionScores& question) {
  if (calibration.method == record::CalibrationMethod::kTemperature) {
    return option_probabilities(question.log_probability, calibration.temperature)[question.given];
  }
  return platt_confidence(calibration,
                          option_probabilities(question.log_probability)[question.given]);
}

}  // namespace lmc::eval
