#include "eval/selective_answering.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/check.h"             // LMC_CHECK
#include "stats/clopper_pearson.h"  // stats::clopper_pearson_upper

namespace lmc::eval {

namespace {

struct Tied {
  int64_t answers = 0;
  int64_t wrong = 0;
};

// Adds up the risks when the k surest are answered, one k after the other.
class AreaSum {
 public:
  // One after the other, each is wrong by the group's share: the mean over the group's orders.
  void add(const Tied& group) {
    const double each = static_cast<double>(group.wrong) / static_cast<double>(group.answers);
    for (int64_t i = 1; i <= group.answers; ++i) {
      sum_ += (static_cast<double>(wrong_) + each * static_cast<double>(i)) /
              static_cast<double>(answered_ + i);
    }
    answered_ += group.answers;
    wrong_ += group.wrong;
  }
  int64_t answered() const { return answered_; }
  int64_t wrong() const { return wrong_; }
  double mean() const { return sum_ / static_cast<double>(answered_); }

 private:
  int64_t answered_ = 0;
  int64_t wrong_ = 0;
  double sum_ = 0;
};

double least_area(int64_t questions, int64_t wrong) {
  AreaSum best;
  if (questions > wrong) best.add({questions - wrong, 0});
  for (int64_t i = 0; i < wrong; ++i) best.add({1, 1});
  return best.mean();
}

}  // namespace

std::optional<RiskCoverage> risk_coverage(std::span<const GradedAnswer> answers) {
  if (answers.empty()) return std::nullopt;
  std::map<double, Tied, std::greater<>> groups;
  Tied held_back;
  for (const GradedAnswer& answer : answers) {
    if (answer.confidence) {
      LMC_CHECK(*answer.confidence >= 0 && *answer.confidence <= 1, *answer.confidence);
    }
    Tied& group = answer.confidence ? groups[*answer.confidence] : held_back;
    ++group.answers;
    group.wrong += answer.right ? 0 : 1;
  }
  RiskCoverage curve;
  curve.questions = static_cast<int64_t>(answers.size());
  curve.without_confidence = held_back.answers;
  AreaSum sum;
  for (const auto& [confidence, group] : groups) {
    sum.add(group);
    const auto answered = static_cast<double>(sum.answered());
    curve.points.push_back({confidence, sum.answered(), sum.wrong(),
                            answered / static_cast<double>(curve.questions),
                            static_cast<double>(sum.wrong()) / answered});
  }
  if (held_back.answers > 0) sum.add(held_back);
  curve.area = sum.mean();
  curve.excess_area = curve.area - least_area(sum.answered(), sum.wrong());
  return curve;
}

std::optional<OperatingPoint> widest_at_observed_risk(const RiskCoverage& curve, double target) {
  const auto widest = std::find_if(curve.points.rbegin(), curve.points.rend(),
                                   [&](const auto& point) { return point.risk <= target; });
  if (widest == curve.points.rend()) return std::nullopt;
  return *widest;
}

std::optional<PromisedPoint> widest_at_promised_risk(const RiskCoverage& curve, double target,
                                                     double level) {
  LMC_CHECK(level > 0 && level < 1, "level ", level);
  if (curve.points.empty()) return std::nullopt;
  constexpr int64_t kSteps = 20;
  const int64_t all = curve.points.back().answered;
  std::vector<OperatingPoint> candidates;
  int64_t step = 1;
  for (const OperatingPoint& point : curve.points) {
    if (point.answered * kSteps < step * all) continue;
    candidates.push_back(point);
    step = point.answered * kSteps / all + 1;
  }
  const double each = 1 - (1 - level) / static_cast<double>(candidates.size());
  for (auto point = candidates.rbegin(); point != candidates.rend(); ++point) {
    const double bound = stats::clopper_pearson_upper(point->wrong, point->answered, each);
    if (bound <= target) return PromisedPoint{*point, bound};
  }
  return std::nullopt;
}

}  // namespace lmc::eval
