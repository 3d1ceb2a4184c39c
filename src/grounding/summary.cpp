#include <algorithm>
#include <iomanip>
#include <sstream>

#include "grounding/ground.h"

namespace lmc::grounding {

namespace {

void write_metrics(std::ostream& out, const std::string& title,
                   const std::vector<record::GroundingMetric>& metrics) {
  if (metrics.empty()) return;
  out << "\n" << title << "\n";
  size_t width = 0;
  for (const auto& metric : metrics) width = std::max(width, metric.name.size());
  for (const auto& metric : metrics) {
    out << "  " << std::left << std::setw(static_cast<int>(width)) << metric.name << std::right
        << "  ";
    if (metric.value) {
      out << std::setw(7) << *metric.value;
    } else {
      out << std::setw(7) << "-";
    }
    std::ostringstream interval;
    interval << std::fixed << std::setprecision(3);
    if (metric.interval_95) {
      interval << "(" << (*metric.interval_95)[0] << " to " << (*metric.interval_95)[1] << ")";
    }
    out << "  " << std::left << std::setw(18) << interval.str() << std::right << "  "
        << metric.formula << "\n";
  }
}

}  // namespace

std::string summary(const record::GroundingResult& result) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << result.name << ": " << result.questions
       << " questions; always giving the commonest letter: " << 100 * result.best_letter_accuracy
       << " %\n\n  condition              right   95 % interval   answer flips\n";
  for (const record::ConditionRow& row : result.conditions) {
    std::string name = row.condition;
    if (row.variant > 0 || row.condition == "rotation") name += " " + std::to_string(row.variant);
    text << "  " << std::left << std::setw(20) << name << std::right << std::setw(6)
         << 100 * row.accuracy.accuracy << " %  " << std::setw(5)
         << 100 * row.accuracy.interval_95[0] << " to " << std::setw(5)
         << 100 * row.accuracy.interval_95[1] << "  " << std::setw(9) << 100 * row.flipped.accuracy
         << " %";
    if (row.no_answer > 0) text << "  without an answer " << row.no_answer;
    if (row.errors > 0) text << "  not put " << row.errors;
    text << "\n";
  }
  text << std::setprecision(3);
  write_metrics(text, "Does it use the image?", result.metrics);
  write_metrics(text, "Where does it look?", result.map_metrics);
  write_metrics(text, "Does the answer follow the reasoning?", result.faithfulness);
  write_metrics(text, "Can its sentences be checked?", result.sentence_metrics);
  return std::move(text).str();
}

}  // namespace lmc::grounding
