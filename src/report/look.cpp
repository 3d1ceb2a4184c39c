#include "report/look.h"

#include <cmath>

#include "base/check.h"   // cat
#include "report/html.h"  // fixed, percent

namespace lmc::report {

namespace {

using record::GroundingMetric;
using record::GroundingResult;

// What another image costs: another question's, else one of noise or none, as far as it was
// asked.
struct Cost {
  const char* name;
  const char* words;
};
constexpr Cost kCosts[] = {{"VRS", "with another question's image"},
                           {"VRS within modality", "with an image of the same kind"},
                           {"gain from the picture", "without an image"},
                           {"accuracy lost on black", "with a black image"}};

const GroundingMetric* cost_of(const GroundingResult& result, const char** words = nullptr) {
  for (const Cost& cost : kCosts) {
    const GroundingMetric* metric = find_metric(result.metrics, cost.name);
    if (metric == nullptr || !metric->value) continue;
    if (words != nullptr) *words = cost.words;
    return metric;
  }
  return nullptr;
}

std::string in_points(const std::array<double, 2>& interval) {
  return cat(fixed(100 * interval[0], 1), " to ", fixed(100 * interval[1], 1));
}

// "loses 52.5 points (44.0 to 60.0) with another question's image; ...".
std::string words_of(const GroundingRun& run) {
  const GroundingResult& result = run.result;
  const char* condition = "";
  const GroundingMetric* cost = cost_of(result, &condition);
  if (cost == nullptr) return cat(result.name, ": not asked with another image.");
  std::string words =
      cat(result.name, *cost->value < 0 ? " gains " : " loses ",
          fixed(100 * std::abs(*cost->value), 1), " points of accuracy ", condition);
  if (cost->interval_95) {
    words += *cost->value < 0
                 ? cat(" (95 % interval of the loss ", in_points(*cost->interval_95), ")")
                 : cat(" (95 % interval ", in_points(*cost->interval_95), ")");
  }
  const GroundingMetric* changed = find_metric(result.metrics, "IS");
  if (changed != nullptr && changed->value) {
    words += cat("; ", percent(*changed->value), " of its answers change");
  }
  const GroundingMetric* hits = find_metric(result.map_metrics, "pointing game");
  const GroundingMetric* above = find_metric(result.map_metrics, "pointing game, above chance");
  if (hits != nullptr && hits->value && above != nullptr && above->interval_95) {
    words += cat("; its maps point at a marked place in ", percent(*hits->value),
                 (*above->interval_95)[0] > 0 ? ", more than by chance"
                                              : ", not shown to be more than by chance");
  }
  return words + ".";
}

std::string listed(const char* words, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string list;
  for (const std::string& name : names) list += cat(list.empty() ? " " : "; ", name);
  return cat(words, list, ". ");
}

}  // namespace

const GroundingMetric* find_metric(const std::vector<GroundingMetric>& metrics,
                                   const std::string& name) {
  for (const GroundingMetric& metric : metrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

Look look_of(const GroundingResult& result) {
  const GroundingMetric* cost = cost_of(result);
  if (cost == nullptr) return Look::kNotMeasured;
  if (!cost->interval_95) return Look::kNotShown;
  if ((*cost->interval_95)[0] > 0) return Look::kLooks;
  return (*cost->interval_95)[1] < 0 ? Look::kBackwards : Look::kNotShown;
}

LookSummary summarise_looks(const std::vector<GroundingRun>& runs) {
  constexpr size_t kMaxRuns = 3;
  LookSummary summary;
  if (runs.empty()) {
    return {"Not measured.",
            {"litemedcot ground asks again with other images, and the page then says whether the "
             "answers hang on them."}};
  }
  std::vector<std::string> names[4];
  for (const GroundingRun& run : runs) {
    names[static_cast<size_t>(look_of(run.result))].push_back(run.result.name);
  }
  const auto of = [&](Look look) -> const auto& { return names[static_cast<size_t>(look)]; };
  summary.answer =
      cat(listed("Yes:", of(Look::kLooks)), listed("Not shown of", of(Look::kNotShown)),
          listed("More often right with another image:", of(Look::kBackwards)),
          listed("Not measured:", of(Look::kNotMeasured)));
  summary.answer.pop_back();
  for (size_t i = 0; i < runs.size() && i < kMaxRuns; ++i) {
    summary.because.push_back(words_of(runs[i]));
  }
  if (runs.size() > kMaxRuns) {
    summary.because.push_back(cat(runs.size() - kMaxRuns, " more in the section on grounding."));
  }
  return summary;
}

}  // namespace lmc::report
