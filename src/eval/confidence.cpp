#include "eval/confidence.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"  // LMC_CHECK

namespace lmc::eval {

std::vector<double> option_probabilities(std::span<const double> log_probability,
                                         double temperature) {
  LMC_CHECK(!log_probability.empty() && temperature > 0, "temperature ", temperature);
  const double most = *std::max_element(log_probability.begin(), log_probability.end());
  LMC_CHECK(std::isfinite(most), "no option is possible");
  std::vector<double> probabilities;
  probabilities.reserve(log_probability.size());
  double total = 0;
  for (const double one : log_probability) {
    probabilities.push_back(std::exp((one - most) / temperature));
    total += probabilities.back();
  }
  for (double& one : probabilities) one /= total;
  return probabilities;
}

std::optional<OptionScores> option_scores(const record::Answer& answer) {
  const auto& letters = answer.letter_log_probability;
  if (answer.gold.empty() || answer.letter.empty()) return std::nullopt;
  const auto gold = letters.find(answer.gold[0]);
  const auto given = letters.find(answer.letter[0]);
  if (gold == letters.end() || given == letters.end()) return std::nullopt;
  OptionScores scores;
  for (const auto& [letter, value] : letters) scores.log_probability.push_back(value);
  if (!std::isfinite(
          *std::max_element(scores.log_probability.begin(), scores.log_probability.end()))) {
    return std::nullopt;
  }
  scores.gold = static_cast<size_t>(std::distance(letters.begin(), gold));
  scores.given = static_cast<size_t>(std::distance(letters.begin(), given));
  return scores;
}

std::vector<OptionScores> all_option_scores(std::span<const record::Answer> answers) {
  std::vector<OptionScores> all;
  for (const record::Answer& answer : answers) {
    if (auto scores = option_scores(answer)) all.push_back(std::move(*scores));
  }
  return all;
}

GradedAnswer graded(const record::Answer& answer) {
  GradedAnswer result;
  result.right = record::is_right(answer);
  if (const auto scores = option_scores(answer)) {
    result.confidence = option_probabilities(scores->log_probability)[scores->given];
  }
  return result;
}

}  // namespace lmc::eval
