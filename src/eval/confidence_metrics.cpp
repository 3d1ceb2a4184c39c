#include "eval/confidence_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"    // LMC_CHECK
#include "stats/wilson.h"  // wilson_interval_95

namespace lmc::eval {

namespace {

struct Sure {
  double confidence;
  bool right;
};

// The answers that have a confidence, the least sure first.
std::vector<Sure> by_confidence(std::span<const GradedAnswer> answers) {
  std::vector<Sure> sure;
  for (const GradedAnswer& answer : answers) {
    if (!answer.confidence) continue;
    LMC_CHECK(*answer.confidence >= 0 && *answer.confidence <= 1, *answer.confidence);
    sure.push_back({*answer.confidence, answer.right});
  }
  std::sort(sure.begin(), sure.end(),
            [](const Sure& a, const Sure& b) { return a.confidence < b.confidence; });
  return sure;
}

// The upper ends of all bins but the last, whose end is 1.
std::vector<double> cuts(std::span<const Sure> sure, Bins bins, int num_bins) {
  std::vector<double> ends;
  for (int j = 1; j < num_bins; ++j) {
    const auto rank = static_cast<size_t>(j) * (sure.size() - 1) / static_cast<size_t>(num_bins);
    ends.push_back(bins == Bins::kEqualWidth ? static_cast<double>(j) / num_bins
                                             : sure[rank].confidence);
  }
  return ends;
}

double minus_log(double probability) {
  constexpr double kMin = std::numeric_limits<double>::epsilon();
  return -std::log(std::clamp(probability, kMin, 1 - kMin));
}

template <class T, class Term>
std::optional<double> mean(std::span<const T> items, Term term) {
  if (items.empty()) return std::nullopt;
  double sum = 0;
  for (const T& item : items) sum += term(item);
  return sum / static_cast<double>(items.size());
}

std::optional<double> brier_score(std::span<const Sure> sure) {
  return mean(sure, [](const Sure& one) {
    const double off = one.confidence - (one.right ? 1 : 0);
    return off * off;
  });
}

std::optional<double> negative_log_likelihood(std::span<const Sure> sure) {
  return mean(sure, [](const Sure& one) {
    return minus_log(one.right ? one.confidence : 1 - one.confidence);
  });
}

// Counts pairs of a right and a wrong answer, twice so that ties stay whole numbers.
std::optional<double> auroc(std::span<const Sure> sure) {
  int64_t right = 0;
  int64_t wrong = 0;
  int64_t twice_won = 0;
  for (size_t begin = 0; begin < sure.size();) {
    int64_t tied_right = 0;
    int64_t tied_wrong = 0;
    size_t end = begin;
    for (; end < sure.size() && sure[end].confidence == sure[begin].confidence; ++end) {
      ++(sure[end].right ? tied_right : tied_wrong);
    }
    twice_won += tied_right * (2 * wrong + tied_wrong);
    right += tied_right;
    wrong += tied_wrong;
    begin = end;
  }
  if (right == 0 || wrong == 0) return std::nullopt;
  return static_cast<double>(twice_won) /
         (2 * static_cast<double>(right) * static_cast<double>(wrong));
}

std::vector<record::ConfidenceBin> table_of(std::span<const Sure> sure, Bins bins, int num_bins) {
  LMC_CHECK(num_bins > 0, num_bins, " bins");
  std::vector<record::ConfidenceBin> table;
  if (sure.empty()) return table;
  std::vector<double> ends = cuts(sure, bins, num_bins);
  ends.push_back(1);
  auto next = sure.begin();
  double low = 0;
  for (const double end : ends) {
    record::ConfidenceBin bin;
    bin.low = low;
    bin.high = end;
    int64_t right = 0;
    for (; next != sure.end() && next->confidence <= end; ++next) {
      ++bin.answers;
      bin.mean_confidence += next->confidence;
      right += next->right ? 1 : 0;
    }
    low = end;
    if (bin.answers == 0) continue;
    bin.mean_confidence /= static_cast<double>(bin.answers);
    bin.accuracy = static_cast<double>(right) / static_cast<double>(bin.answers);
    bin.interval_95 = stats::wilson_interval_95(right, bin.answers);
    table.push_back(bin);
  }
  return table;
}

double gap(const record::ConfidenceBin& bin) {
  return std::abs(bin.accuracy - bin.mean_confidence);
}

}  // namespace

std::vector<record::ConfidenceBin> reliability_table(std::span<const GradedAnswer> answers,
                                                     Bins bins, int num_bins) {
  return table_of(by_confidence(answers), bins, num_bins);
}

std::optional<double> expected_calibration_error(std::span<const record::ConfidenceBin> table) {
  double sum = 0;
  int64_t answers = 0;
  for (const record::ConfidenceBin& bin : table) {
    sum += static_cast<double>(bin.answers) * gap(bin);
    answers += bin.answers;
  }
  if (answers == 0) return std::nullopt;
  return sum / static_cast<double>(answers);
}

std::optional<double> maximum_calibration_error(std::span<const record::ConfidenceBin> table) {
  std::optional<double> largest;
  for (const record::ConfidenceBin& bin : table) largest = std::max(largest.value_or(0), gap(bin));
  return largest;
}

std::optional<double> brier_score(std::span<const GradedAnswer> answers) {
  return brier_score(std::span<const Sure>(by_confidence(answers)));
}

std::optional<double> negative_log_likelihood(std::span<const GradedAnswer> answers) {
  return negative_log_likelihood(std::span<const Sure>(by_confidence(answers)));
}

std::optional<double> auroc(std::span<const GradedAnswer> answers) {
  return auroc(std::span<const Sure>(by_confidence(answers)));
}

std::optional<double> brier_score(std::span<const OptionScores> questions, double temperature) {
  return mean(questions, [&](const OptionScores& question) {
    const auto probabilities = option_probabilities(question.log_probability, temperature);
    double sum = 0;
    for (size_t k = 0; k < probabilities.size(); ++k) {
      const double off = probabilities[k] - (k == question.gold ? 1 : 0);
      sum += off * off;
    }
    return sum;
  });
}

std::optional<double> negative_log_likelihood(std::span<const OptionScores> questions,
                                              double temperature) {
  return mean(questions, [&](const OptionScores& question) {
    return minus_log(option_probabilities(question.log_probability, temperature)[question.gold]);
  });
}

ConfidenceMetrics confidence_metrics_of(std::span<const GradedAnswer> answers, int num_bins) {
  const std::vector<Sure> kept = by_confidence(answers);
  const std::span<const Sure> sure = kept;
  ConfidenceMetrics metrics;
  metrics.answers = static_cast<int64_t>(sure.size());
  metrics.without_confidence = static_cast<int64_t>(answers.size() - sure.size());
  metrics.accuracy = mean(sure, [](const Sure& one) { return one.right ? 1.0 : 0.0; });
  metrics.mean_confidence = mean(sure, [](const Sure& one) { return one.confidence; });
  metrics.table = table_of(sure, Bins::kEqualWidth, num_bins);
  metrics.ece = expected_calibration_error(metrics.table);
  metrics.mce = maximum_calibration_error(metrics.table);
  metrics.adaptive_ece = expected_calibration_error(table_of(sure, Bins::kEqualMass, num_bins));
  metrics.brier = brier_score(sure);
  metrics.nll = negative_log_likelihood(sure);
  metrics.auroc = auroc(sure);
  return metrics;
}

}  // namespace lmc::eval
